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
  switch (missing.type) {
    case 'value':
      return t('promo.missing.value', { money: format.money(missing.amount) });
    case 'cases':
      return t('promo.missing.cases', { n: format.number(missing.quantity) });
    case 'products':
      return t('promo.missing.products', { n: format.number(missing.count) });
    case 'parts':
      return t('promo.missing.parts', {
        parts: missing.parts
          .map((part) =>
            `${pieces(part.productId, part.quantity, products, t)} ${products.get(part.productId)?.name ?? ''}`.trim(),
          )
          .join(', '),
      });
    case 'pieces': {
      const quantity = pieces(productId, missing.quantity, products, t);
      const product = productId && productId !== at ? products.get(productId)?.name : undefined;
      return product
        ? t('promo.missing.piecesOf', { quantity, product })
        : t('promo.missing.pieces', { quantity });
    }
  }
}

/** "1 Thùng 2 Chai", or a number of pieces of a product that isn't known here. */
function pieces(
  productId: NearMiss['productId'],
  quantity: number,
  products: Products,
  t: T,
): string {
  const product = productId ? products.get(productId) : undefined;
  return product
    ? format.cases(quantity, product.conversionRate, product.unitName, product.subUnitName)
    : t('promo.pieces', { n: format.number(quantity) });
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
    case 'fixedPrice': {
      const unit = unitName(productId, gain.unit, products) || t(`unit.${gain.unit}`);
      return t('promo.gain.fixedPrice', { money: format.money(gain.price), unit });
    }
    case 'bundlePrice':
      return t('promo.gain.bundlePrice', { money: format.money(gain.price) });
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
