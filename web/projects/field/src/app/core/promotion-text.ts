import { format } from '@dms/shared';
import type { Explanation, NearMiss, Product, Unit } from './api-types';
import type { T } from '../i18n/texts';

type Products = ReadonlyMap<string, Product>;

/** "Mua 12 tặng 1: tặng 1 Chai Sữa tắm". */
export function explanationText(note: Explanation, products: Products, t: T): string {
  const { benefit } = note;
  const what =
    benefit.type === 'discount'
      ? t('promo.benefit.discount', { money: format.money(benefit.amount) })
      : t('promo.benefit.freeGoods', goods(benefit, products));
  return `${note.promotionName}: ${what}`;
}

/**
 * "Mua thêm 2 Chai Sữa tắm để được tặng 1 Chai". Beside the product itself (`at`) its name is left
 * out.
 */
export function nearMissText(miss: NearMiss, products: Products, t: T, at?: string): string {
  return `${missingText(miss, products, t, at)} ${gainText(miss, products, t)}`;
}

function missingText(
  { missing, productId }: NearMiss,
  products: Products,
  t: T,
  at?: string,
): string {
  if (missing.type === 'value') {
    return t('promo.missing.value', { money: format.money(missing.amount) });
  }
  const product = productId ? products.get(productId) : undefined;
  if (!product) {
    const n = format.number(missing.quantity);
    return t('promo.missing.pieces', { quantity: t('promo.pieces', { n }) });
  }
  const quantity = format.cases(
    missing.quantity,
    product.conversionRate,
    product.unitName,
    product.subUnitName,
  );
  if (productId === at) return t('promo.missing.pieces', { quantity });
  return t('promo.missing.piecesOf', { quantity, product: product.name });
}

function gainText({ gain, productId }: NearMiss, products: Products, t: T): string {
  switch (gain.type) {
    case 'percent':
      return t('promo.gain.percent', { percent: format.ratio(gain.percent) });
    case 'amount':
      return t('promo.gain.amount', { money: format.money(gain.amount) });
    case 'amountPerUnit': {
      const unit = unitName(productId, gain.unit, products) || t(`unit.${gain.unit}`);
      return t('promo.gain.amountPerUnit', { money: format.money(gain.amount), unit });
    }
    case 'freeGoods':
      return gain.productId === productId
        ? t('promo.gain.freeMore', goods(gain, products))
        : t('promo.gain.freeGoods', goods(gain, products));
  }
}

function goods(
  given: { productId: string; quantity: number; unit: Unit },
  products: Products,
): { quantity: string; product: string } {
  const unit = unitName(given.productId, given.unit, products);
  return {
    quantity: `${format.number(given.quantity)} ${unit}`.trim(),
    product: products.get(given.productId)?.name ?? '',
  };
}

function unitName(productId: NearMiss['productId'], unit: Unit, products: Products): string {
  const product = productId ? products.get(productId) : undefined;
  return (unit === 'whole' ? product?.unitName : product?.subUnitName) ?? '';
}
