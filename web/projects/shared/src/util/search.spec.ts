import { matches, searchKey } from './search';
import { uuid7 } from './uuid7';

describe('search', () => {
  it('ignores case and Vietnamese diacritics, composed or not', () => {
    expect(searchKey('Sữa TẮM  Đồng')).toBe('sua tam dong');
    expect(searchKey('Sữa tắm'.normalize('NFD'))).toBe(searchKey('Sữa tắm'.normalize('NFC')));
  });

  it('finds every word somewhere', () => {
    expect(matches('hong tap', 'Tạp hóa Hồng Phúc')).toBe(true);
    expect(matches('hong xyz', 'Tạp hóa Hồng Phúc')).toBe(false);
    expect(matches('', null)).toBe(true);
  });
});

describe('ids', () => {
  it('sort in the order they were made, even within a millisecond or when the clock steps back', () => {
    const ids = [
      ...Array.from({ length: 5000 }, () => uuid7(1_800_000_000_000)),
      uuid7(1_700_000_000_000),
    ];
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
