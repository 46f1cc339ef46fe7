import { allocateOldestFirst, parseAmount } from './allocation';

const invoice = (documentNumber: string, dueDate: string, openAmount: number) => ({
  documentNumber,
  businessDate: '2026-11-01',
  dueDate,
  openAmount,
});

describe('collecting', () => {
  it('pays the oldest due first and keeps the rest as credit', () => {
    const open = [invoice('B', '2026-11-20', 300), invoice('A', '2026-11-10', 200)];
    expect(allocateOldestFirst(open, 350)).toEqual({
      allocations: [
        { documentNumber: 'A', amount: 200 },
        { documentNumber: 'B', amount: 150 },
      ],
      rest: 0,
    });
    expect(allocateOldestFirst(open, 600).rest).toBe(100);
    expect(allocateOldestFirst([invoice('C', '2026-01-01', -50)], 5).rest).toBe(5);
    expect(allocateOldestFirst([], 5)).toEqual({ allocations: [], rest: 5 });
  });

  it('reads amounts as people write them', () => {
    expect(parseAmount('1.234.567')).toBe(1234567);
    expect(parseAmount(' 1 234 567 ₫')).toBe(1234567);
    expect(parseAmount('0')).toBeNull();
    expect(parseAmount('-5')).toBeNull();
    expect(parseAmount('abc')).toBeNull();
  });
});
