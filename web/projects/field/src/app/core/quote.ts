import type { Product, Unit } from './api-types';
import type { CartLine } from './field-db';

/** One line of an order to the server: a product in one unit. */
export interface OrderItemDraft {
  productId: string;
  quantity: number;
  unit: Unit;
}

/** Cases and pieces of one product are two lines: each keeps the unit it was typed in. */
export function orderItems(lines: readonly CartLine[]): OrderItemDraft[] {
  return lines.flatMap(({ productId, whole, retail }) => [
    ...(whole > 0 ? [{ productId, quantity: whole, unit: 'whole' as const }] : []),
    ...(retail > 0 ? [{ productId, quantity: retail, unit: 'retail' as const }] : []),
  ]);
}

/** Quantity × list price over the lines: no discounts, no gifts, no VAT. */
export function grossAmount(
  lines: readonly CartLine[],
  products: ReadonlyMap<string, Product>,
): number {
  return lines.reduce((sum, { productId, whole, retail }) => {
    const product = products.get(productId);
    return product ? sum + whole * product.sellingPrice + retail * product.sellingPriceSub : sum;
  }, 0);
}

/** Retail units of a cart line. */
export function pieces(line: CartLine, product: Pick<Product, 'conversionRate'>): number {
  return line.whole * product.conversionRate + line.retail;
}
