import * as format from './format';

describe('formats', () => {
  it('writes đồng with dots and the sign behind', () => {
    expect(format.money(1234567)).toBe('1.234.567\u00a0₫');
    expect(format.money(0)).toBe('0\u00a0₫');
    expect(format.money(-5000)).toBe('-5.000\u00a0₫');
    expect(format.money(null)).toBe('');
  });

  it('shows instants on the business day of Viet Nam, whatever the zone of the device', () => {
    expect(format.dateTime('2026-11-22T17:05:00Z')).toBe('23/11/2026 00:05');
    expect(format.date('2026-11-22T16:59:59Z')).toBe('22/11/2026');
    expect(format.businessDate(Date.UTC(2026, 10, 22, 17, 0))).toBe('2026-11-23');
  });

  it('does not shift a plain business date', () => {
    expect(format.date('2026-01-05')).toBe('05/01/2026');
    expect(format.date('')).toBe('');
    expect(format.date('rubbish')).toBe('');
  });

  it('counts days across a month', () => {
    expect(format.addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(format.addDays('2026-03-01', -1)).toBe('2026-02-28');
  });

  it('gives a picked day as it was shown', () => {
    expect(format.pickedDay(new Date(2026, 11, 5))).toBe('2026-12-05');
    expect(format.pickedDay(new Date(Number.NaN))).toBeNull();
    expect(format.dayForPicker('2026-12-05')?.getDate()).toBe(5);
  });

  it('splits retail units into cases and pieces', () => {
    expect(format.cases(27, 12, 'Thùng', 'Lon')).toBe('2 Thùng 3 Lon');
    expect(format.cases(24, 12, 'Thùng', 'Lon')).toBe('2 Thùng');
    expect(format.cases(5, 12, 'Thùng', 'Lon')).toBe('5 Lon');
    expect(format.cases(0, 12, 'Thùng', 'Lon')).toBe('0 Lon');
    expect(format.cases(-27, 12, 'Thùng', 'Lon')).toBe('-2 Thùng 3 Lon');
    expect(format.cases(7, 1, 'Cái', 'Cái')).toBe('7 Cái');
  });
});
