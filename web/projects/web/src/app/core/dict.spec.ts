import { TestBed } from '@angular/core/testing';
import { Language, injectTranslate } from '@dms/shared';
import { webDict } from './dict';

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe('the dictionary', () => {
  it('has the same parameters in both languages', () => {
    const differing = Object.keys(webDict.vi).filter((key) => {
      const k = key as keyof typeof webDict.vi;
      return names(webDict.vi[k]).join() !== names(webDict.en[k]).join();
    });
    expect(differing).toEqual([]);
  });

  it('has no empty text', () => {
    const texts = [...Object.values(webDict.vi), ...Object.values(webDict.en)];
    expect(texts.filter((text) => !text.trim())).toEqual([]);
  });

  it('keeps the report headers of the company word for word', () => {
    const { vi } = webDict;
    expect([
      vi['report.unit'],
      vi['report.rep'],
      vi['report.productCode'],
      vi['report.productName'],
      vi['report.uom'],
      vi['report.orders'],
      vi['report.quantity'],
      vi['report.price'],
      vi['report.vat'],
      vi['report.gross'],
      vi['report.productDiscount'],
      vi['report.orderDiscount'],
      vi['report.net'],
      vi['report.revenue'],
    ]).toEqual([
      'Phòng/nhóm',
      'Tên nhân viên',
      'Mã sản phẩm',
      'Tên sản phẩm',
      'ĐVT',
      'Số đơn',
      'SL',
      'Đơn giá',
      'VAT [1]',
      'Thành tiền [2]',
      'Chiết khấu SP [3]',
      'Chiết khấu ĐH [4]',
      'Doanh thu thuần [5 = 2−3−4]',
      'Doanh thu [6 = 5+1]',
    ]);
  });

  it('follows a switch of language', () => {
    const t = TestBed.runInInjectionContext(() => injectTranslate(webDict));
    const language = TestBed.inject(Language);
    language.use('en');
    expect(t('orders.bulkTitle', { count: 3 })).toBe('Approve 3 orders?');
    language.use('vi');
    expect(t('orders.bulkTitle', { count: 3 })).toBe('Duyệt 3 phiếu?');
  });
});
