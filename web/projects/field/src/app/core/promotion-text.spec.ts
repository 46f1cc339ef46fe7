import { TestBed } from '@angular/core/testing';
import { injectT } from '../i18n/texts';
import type { NearMiss, Product } from './api-types';
import { explanationText, nearMissText } from './promotion-text';

const soap = {
  productId: 'soap',
  name: 'Sữa tắm',
  unitName: 'Thùng',
  subUnitName: 'Chai',
  conversionRate: 12,
} as Product;
const products = new Map([['soap', soap]]);

describe('promotion texts', () => {
  const t = () => TestBed.runInInjectionContext(() => injectT());
  const miss = (more: Partial<NearMiss>): NearMiss => ({
    promotionId: 'p',
    promotionCode: 'KM1',
    promotionName: 'Mua 12 tặng 1',
    tier: 1,
    productId: 'soap',
    missing: { type: 'pieces', quantity: 1 },
    gain: { type: 'freeGoods', productId: 'soap', quantity: 1, unit: 'retail' },
    ...more,
  });

  it('says what is missing in the product’s own units, and what it would give', () => {
    expect(nearMissText(miss({}), products, t())).toBe(
      'Mua thêm 1 Chai Sữa tắm để được tặng 1 Chai',
    );
    expect(nearMissText(miss({}), products, t(), 'soap')).toBe(
      'Mua thêm 1 Chai để được tặng 1 Chai',
    );
    expect(
      nearMissText(
        miss({
          missing: { type: 'pieces', quantity: 26 },
          gain: { type: 'percent', percent: 2.5 },
        }),
        products,
        t(),
      ),
    ).toBe('Mua thêm 2 Thùng 2 Chai Sữa tắm để được giảm 2,5%');
  });

  it('speaks of the whole order without a product', () => {
    const text = nearMissText(
      miss({
        productId: null,
        missing: { type: 'value', amount: 150_000 },
        gain: { type: 'amount', amount: 50_000 },
      }),
      products,
      t(),
    );
    expect(text.replaceAll('\u00a0', ' ')).toBe('Mua thêm 150.000 ₫ để được giảm 50.000 ₫');
    expect(nearMissText(miss({ productId: null }), products, t())).toContain('Mua thêm 1 sản phẩm');
  });

  it('names the promotion and what it gave', () => {
    const text = explanationText(
      {
        promotionId: 'p',
        promotionCode: 'KM1',
        promotionName: 'Mua 12 tặng 1',
        tier: 1,
        productId: 'soap',
        benefit: { type: 'freeGoods', productId: 'soap', quantity: 2, unit: 'retail' },
      },
      products,
      t(),
    );
    expect(text).toBe('Mua 12 tặng 1: tặng 2 Chai Sữa tắm');
  });
});
