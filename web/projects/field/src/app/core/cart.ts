import { format, uuid7 } from '@dms/shared';
import type { Product, Quote } from './api-types';
import type { CartDraft, CartLine, FieldDb, LocalOrder, LocalVisit, OrderLine } from './field-db';
import type { Outbox } from './outbox';
import { post } from './post';
import { grossAmount, orderItems } from './quote';

/** The largest quantity one line takes; more is a typing slip. */
export const MAX_QUANTITY = 9_999;

/** The draft of an outlet, or a new empty one. */
export async function openDraft(db: FieldDb, customerId: string): Promise<CartDraft> {
  return (
    (await db.drafts.get(customerId)) ?? {
      customerId,
      orderId: uuid7(),
      lines: [],
      notes: '',
      updatedAt: Date.now(),
    }
  );
}

/** Keeps the draft; an empty one is not worth keeping. */
export async function saveDraft(db: FieldDb, draft: CartDraft): Promise<void> {
  if (draft.lines.length === 0 && !draft.notes) await db.drafts.delete(draft.customerId);
  else await db.drafts.put(draft);
}

/** The cart with a product's quantities set; a line without any is left out. New lines go last. */
export function withQuantity(lines: readonly CartLine[], line: CartLine): CartLine[] {
  const clean: CartLine = {
    productId: line.productId,
    whole: clamp(line.whole),
    retail: clamp(line.retail),
  };
  const keep = clean.whole > 0 || clean.retail > 0;
  const at = lines.findIndex((other) => other.productId === line.productId);
  if (at < 0) return keep ? [...lines, clean] : [...lines];
  return keep
    ? lines.map((other, i) => (i === at ? clean : other))
    : lines.filter((_, i) => i !== at);
}

const clamp = (quantity: number): number =>
  Number.isFinite(quantity) ? Math.min(MAX_QUANTITY, Math.max(0, Math.trunc(quantity))) : 0;

export interface Submission {
  customerName: string;
  /** The open visit at this outlet, if any. */
  visit: Pick<LocalVisit, 'id' | 'checkInItemId'> | null;
  products: ReadonlyMap<string, Product>;
  /** The server's price that was shown for exactly this cart; null when there was but an estimate. */
  quote: Quote | null;
}

/**
 * Turns the draft as it is on the screen into an order: order, outbox item and the end of the draft
 * in one transaction. Answers the order's id, or null when there was nothing to place.
 */
export async function submitDraft(
  db: FieldDb,
  outbox: Outbox,
  draft: CartDraft,
  submission: Submission,
): Promise<string | null> {
  const { customerId } = draft;
  const { visit, products, quote, customerName } = submission;
  if (draft.lines.length === 0) return null;
  return db.transaction('rw', db.drafts, db.orders, db.outbox, async () => {
    if (await db.orders.get(draft.orderId)) {
      // A second tap, or another tab wrote its copy of the draft back after this one was placed.
      await db.drafts.delete(customerId);
      return draft.orderId;
    }
    const items = orderItems(draft.lines);
    const now = Date.now();
    const itemId = await outbox.add({
      lane: 'work',
      kind: 'order.create',
      entityId: draft.orderId,
      ...post('/api/v1/orders', {
        id: draft.orderId,
        orderType: 'PreSales',
        customerId,
        ...(visit ? { visitId: visit.id } : {}),
        at: new Date(now).toISOString(),
        items,
        notes: draft.notes.trim(),
        ...(quote ? { clientTotals: statedTotals(quote) } : {}),
      }),
      needs: visit?.checkInItemId ? [visit.checkInItemId] : [],
      label: customerName,
    });
    const order: LocalOrder = {
      id: draft.orderId,
      itemId,
      customerId,
      customerName,
      visitId: visit?.id ?? null,
      day: format.businessDate(now),
      orderedAt: now,
      lines: orderLines(draft.lines, products),
      notes: draft.notes.trim(),
      shownTotal: quote?.totalAmount ?? grossAmount(draft.lines, products),
      quote,
    };
    await db.orders.add(order);
    await db.drafts.delete(customerId);
    return order.id;
  });
}

/** What the shop was told: where the server reckons otherwise later, a person looks at the order. */
function statedTotals({ subTotal, discountAmount, taxAmount, totalAmount, items }: Quote) {
  const freeGoods: Record<string, number> = {};
  for (const item of items) {
    if (item.isFree) freeGoods[item.productId] = (freeGoods[item.productId] ?? 0) + item.pieces;
  }
  return { subTotal, discountAmount, taxAmount, totalAmount, freeGoods };
}

/** The lines of a cart with names and list prices. */
export function orderLines(
  lines: readonly CartLine[],
  products: ReadonlyMap<string, Product>,
): OrderLine[] {
  return orderItems(lines).map((item) => {
    const product = products.get(item.productId);
    const whole = item.unit === 'whole';
    return {
      ...item,
      productName: product?.name ?? item.productId,
      unitName: (whole ? product?.unitName : product?.subUnitName) ?? '',
      unitPrice: (whole ? product?.sellingPrice : product?.sellingPriceSub) ?? 0,
    };
  });
}
