import '../testing/fake-indexeddb';
import type { Product, Quote } from './api-types';
import { openDraft, saveDraft, submitDraft, withQuantity } from './cart';
import { FieldDb } from './field-db';
import { Outbox } from './outbox';
import { grossAmount, orderItems, pieces } from './quote';

const SOAP: Product = {
  productId: 'soap',
  productCode: 'ST01',
  name: 'Sữa tắm',
  brand: 'A',
  category: 'B',
  unitName: 'Thùng',
  subUnitName: 'Chai',
  conversionRate: 12,
  sellingPrice: 600_000,
  sellingPriceSub: 52_000,
  stockQuantity: 100,
};
const products = new Map([[SOAP.productId, SOAP]]);

let count = 0;
let name: string;
let db: FieldDb;
beforeEach(() => (db = new FieldDb((name = `cart-${++count}`))));
afterEach(() => db.delete());

const outbox = () =>
  new Outbox(db, { send: async () => ({ kind: 'sent', result: null }) }, (work) => work());

describe('cart', () => {
  it('sets, changes and removes a product without moving the others', () => {
    let lines = withQuantity([], { productId: 'a', whole: 1, retail: 0 });
    lines = withQuantity(lines, { productId: 'b', whole: 0, retail: 3 });
    lines = withQuantity(lines, { productId: 'a', whole: 2, retail: 5 });
    expect(lines).toEqual([
      { productId: 'a', whole: 2, retail: 5 },
      { productId: 'b', whole: 0, retail: 3 },
    ]);
    expect(withQuantity(lines, { productId: 'a', whole: 0, retail: 0 })).toEqual([
      { productId: 'b', whole: 0, retail: 3 },
    ]);
  });

  it.each([
    [-3, 0],
    [2.9, 2],
    [Number.NaN, 0],
    [1e9, 9_999],
  ])('takes %d typed as %d', (typed, kept) => {
    const [line] = withQuantity([], { productId: 'a', whole: typed, retail: 1 });
    expect(line.whole).toBe(kept);
  });

  it('makes cases and pieces two lines of the order', () => {
    expect(orderItems([{ productId: 'soap', whole: 2, retail: 3 }])).toEqual([
      { productId: 'soap', quantity: 2, unit: 'whole' },
      { productId: 'soap', quantity: 3, unit: 'retail' },
    ]);
  });

  it('estimates with list prices of both units', () => {
    const lines = [{ productId: 'soap', whole: 2, retail: 3 }];
    expect(grossAmount(lines, products)).toBe(1_356_000);
    expect(pieces(lines[0], SOAP)).toBe(27);
  });

  it('survives a reload at any moment', async () => {
    const draft = await openDraft(db, 'shop');
    await saveDraft(db, { ...draft, lines: [{ productId: 'soap', whole: 1, retail: 0 }] });
    db.close();

    db = new FieldDb(name);
    const again = await openDraft(db, 'shop');

    expect(again.lines).toEqual([{ productId: 'soap', whole: 1, retail: 0 }]);
    expect(again.orderId).toBe(draft.orderId);
    expect((await openDraft(db, 'other shop')).lines).toEqual([]);
  });

  it('forgets an emptied draft', async () => {
    const draft = await openDraft(db, 'shop');
    await saveDraft(db, { ...draft, lines: [{ productId: 'soap', whole: 1, retail: 0 }] });
    await saveDraft(db, draft);
    expect(await db.drafts.count()).toBe(0);
  });

  describe('placing the order', () => {
    const submission = { customerName: 'Tạp hoá Hoa', visit: null, products, quote: null };
    const fill = async () => {
      const draft = await openDraft(db, 'shop');
      const full = {
        ...draft,
        lines: [{ productId: 'soap', whole: 2, retail: 3 }],
        notes: ' sáng ',
      };
      await saveDraft(db, full);
      return full;
    };

    it('writes order and outbox item and ends the draft', async () => {
      const draft = await fill();

      const id = await submitDraft(db, outbox(), draft, submission);

      expect(id).toBe(draft.orderId);
      expect(await db.drafts.count()).toBe(0);
      const [sent] = await db.outbox.toArray();
      expect(sent).toMatchObject({
        kind: 'order.create',
        url: '/api/v1/orders',
        needs: [],
        body: {
          id: draft.orderId,
          orderType: 'PreSales',
          customerId: 'shop',
          notes: 'sáng',
          items: [
            { productId: 'soap', quantity: 2, unit: 'whole' },
            { productId: 'soap', quantity: 3, unit: 'retail' },
          ],
        },
      });
      expect(await db.orders.get(draft.orderId)).toMatchObject({
        itemId: sent.id,
        shownTotal: 1_356_000,
        lines: [{ unitName: 'Thùng' }, { unitName: 'Chai' }],
      });
    });

    it('places one order however often the button is tapped', async () => {
      const draft = await fill();
      const box = outbox();
      const ids = await Promise.all([
        submitDraft(db, box, draft, submission),
        submitDraft(db, box, draft, submission),
      ]);
      expect(ids).toEqual([draft.orderId, draft.orderId]);
      expect(await db.outbox.count()).toBe(1);
    });

    it('does not place a draft again that another tab wrote back', async () => {
      const draft = await fill();
      const box = outbox();
      await submitDraft(db, box, draft, submission);
      await saveDraft(db, draft);

      expect(await submitDraft(db, box, draft, submission)).toBe(draft.orderId);
      expect(await db.outbox.count()).toBe(1);
      expect(await db.drafts.count()).toBe(0);
    });

    it('tells the server the totals and gifts the shop was shown, but not an estimate', async () => {
      const totals = {
        subTotal: 1_356_000,
        discountAmount: 56_000,
        taxAmount: 104_000,
        totalAmount: 1_404_000,
      };
      const items = [
        { productId: 'soap', pieces: 48, isFree: false },
        { productId: 'soap', pieces: 2, isFree: true },
        { productId: 'soap', pieces: 1, isFree: true },
        { productId: 'milk', pieces: 1, isFree: true },
      ] as Quote['items'];
      const quote = { ...totals, items, explanations: [], nearMisses: [], notApplied: [] };
      await submitDraft(db, outbox(), await fill(), { ...submission, quote });
      await submitDraft(db, outbox(), await fill(), submission);

      const [priced, estimated] = await db.outbox.toArray();
      expect(priced.body['clientTotals']).toEqual({ ...totals, freeGoods: { soap: 3, milk: 1 } });
      expect(estimated.body).not.toHaveProperty('clientTotals');
      expect((await db.orders.get(priced.entityId))?.shownTotal).toBe(1_404_000);
    });

    it('places what is on the screen, also when it could not be kept as a draft', async () => {
      const draft = await fill();
      const shown = { ...draft, lines: [{ productId: 'soap', whole: 5, retail: 0 }] };
      await submitDraft(db, outbox(), shown, submission);
      const [sent] = await db.outbox.toArray();
      expect(sent.body['items']).toEqual([{ productId: 'soap', quantity: 5, unit: 'whole' }]);
      expect(await db.drafts.count()).toBe(0);
    });

    it('waits for the check-in of its visit', async () => {
      const draft = await fill();
      await submitDraft(db, outbox(), draft, {
        ...submission,
        visit: { id: 'visit', checkInItemId: 'check-in' },
      });
      const [sent] = await db.outbox.toArray();
      expect(sent.needs).toEqual(['check-in']);
      expect(sent.body['visitId']).toBe('visit');
    });
  });
});
