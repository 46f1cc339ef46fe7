import { ApiProblem } from '@dms/shared';
import type { Quote } from './api-types';
import { LiveQuote } from './live-quote';
import type { OrderItemDraft } from './quote';

const cart = (quantity: number): OrderItemDraft[] => [
  { productId: 'soap', quantity, unit: 'whole' },
];
const priced = (totalAmount: number) => ({ totalAmount }) as Quote;

describe('LiveQuote', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('asks once for a burst of taps, about the last of them', async () => {
    const asked: number[] = [];
    const price = new LiveQuote(
      async ([item]) => (asked.push(item.quantity), priced(item.quantity)),
    );
    for (const quantity of [1, 2, 3]) price.update(cart(quantity));
    expect(price.pending()).toBe(true);
    await vi.runAllTimersAsync();
    expect(asked).toEqual([3]);
    expect(price.quote()?.totalAmount).toBe(3);
    expect(price.pending()).toBe(false);
  });

  it('never shows the price of an earlier cart', async () => {
    const answers: ((quote: Quote) => void)[] = [];
    const price = new LiveQuote(() => new Promise((resolve) => answers.push(resolve)));
    price.update(cart(1));
    await vi.advanceTimersByTimeAsync(1_000);
    price.update(cart(2));
    expect(price.quote()).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    answers[1](priced(2));
    answers[0](priced(1)); // the first answer comes last
    await vi.advanceTimersByTimeAsync(0);
    expect(price.quote()?.totalAmount).toBe(2);
  });

  it('is the price of the items it was asked about, and of no others', async () => {
    const price = new LiveQuote(async () => priced(1));
    price.update(cart(1));
    await vi.runAllTimersAsync();
    expect(price.of(cart(1))?.totalAmount).toBe(1);
    expect(price.of(cart(2))).toBeNull();
  });

  it('says why there is no price, and gets one when asked again', async () => {
    let online = false;
    const price = new LiveQuote(async () => {
      if (!online) throw ApiProblem.network(null);
      return priced(5);
    });
    price.update(cart(1));
    await vi.runAllTimersAsync();
    expect(price.quote()).toBeNull();
    expect(price.problem()?.offline).toBe(true);

    online = true;
    price.again(cart(1));
    await vi.runAllTimersAsync();
    expect(price.quote()?.totalAmount).toBe(5);
    expect(price.problem()).toBeNull();
  });

  it('asks nothing for an empty cart', async () => {
    let asked = 0;
    const price = new LiveQuote(async () => (asked++, priced(0)));
    price.update([]);
    await vi.runAllTimersAsync();
    expect(asked).toBe(0);
    expect(price.quote()).toBeNull();
  });
});
