/** The business lives in one time zone, whatever the clock of the device says. */
export const BUSINESS_ZONE = 'Asia/Ho_Chi_Minh';

const integer = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 2 });
const instantParts = new Intl.DateTimeFormat('en-GB', {
  timeZone: BUSINESS_ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

type Instant = string | number | Date;
type Missing = null | undefined;

function parts(instant: Instant): Record<Intl.DateTimeFormatPartTypes, string> | null {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return null;
  return Object.fromEntries(
    instantParts.formatToParts(date).map((part) => [part.type, part.value]),
  ) as Record<Intl.DateTimeFormatPartTypes, string>;
}

/** Whole number with Vietnamese grouping: `1.234.567`. Nothing for a missing value. */
export function number(value: number | Missing): string {
  return value == null ? '' : integer.format(value);
}

/** At most two decimals, decimal comma: `76,67`. */
export function ratio(value: number | Missing): string {
  return value == null ? '' : decimal.format(value);
}

/** Whole đồng: `1.234.567 ₫` (the space does not break). */
export function money(value: number | Missing): string {
  return value == null ? '' : `${integer.format(value)}\u00a0₫`;
}

/** `dd/MM/yyyy` of a business date (`YYYY-MM-DD`) or of an instant, in the business time zone. */
export function date(value: Instant | Missing): string {
  if (value == null || value === '') return '';
  const plain = typeof value === 'string' ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) : null;
  if (plain) return `${plain[3]}/${plain[2]}/${plain[1]}`;
  const p = parts(value);
  return p ? `${p.day}/${p.month}/${p.year}` : '';
}

/** `HH:mm` of an instant in the business time zone. */
export function time(value: Instant | Missing): string {
  const p = value == null || value === '' ? null : parts(value);
  return p ? `${p.hour}:${p.minute}` : '';
}

/** `dd/MM/yyyy HH:mm` of an instant in the business time zone. */
export function dateTime(value: Instant | Missing): string {
  const p = value == null || value === '' ? null : parts(value);
  return p ? `${p.day}/${p.month}/${p.year} ${p.hour}:${p.minute}` : '';
}

/** `HH:mm` of an instant of today, with the date of any other. */
export function timeToday(value: Instant): string {
  return businessDate(value) === businessDate() ? time(value) : dateTime(value);
}

/** The business day (`YYYY-MM-DD`) an instant falls on. */
export function businessDate(instant: Instant = Date.now()): string {
  const p = parts(instant);
  if (!p) throw new RangeError(`not an instant: ${String(instant)}`);
  return `${p.year}-${p.month}-${p.day}`;
}

/** `days` later (or earlier) than a business date. */
export function addDays(day: string, days: number): string {
  const [y, m, d] = day.split('-').map(Number);
  return new Date(Date.UTC(y, m - 1, d + days)).toISOString().slice(0, 10);
}

/** `YYYY-MM-DD` of the calendar day a date picker shows (its local day, not the UTC one). */
export function pickedDay(day: Date | Missing): string | null {
  if (day == null || Number.isNaN(day.getTime())) return null;
  const month = String(day.getMonth() + 1).padStart(2, '0');
  return `${day.getFullYear()}-${month}-${String(day.getDate()).padStart(2, '0')}`;
}

/** The local midnight a date picker needs to show a business date. */
export function dayForPicker(day: string | Missing): Date | null {
  const plain = day ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) : null;
  return plain ? new Date(+plain[1], +plain[2] - 1, +plain[3]) : null;
}

/**
 * Retail units as cases and pieces: 27 with factor 12 is `2 Thùng 3 Lon`. Pieces alone when the
 * product has no case.
 */
export function cases(
  retail: number | Missing,
  conversionRate: number,
  wholeUnit: string,
  retailUnit: string,
): string {
  if (retail == null) return '';
  if (conversionRate <= 1) return `${integer.format(retail)} ${wholeUnit || retailUnit}`.trim();
  const sign = retail < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(retail) / conversionRate);
  const rest = Math.abs(retail) % conversionRate;
  const text = [
    whole ? `${integer.format(whole)} ${wholeUnit}` : '',
    rest || !whole ? `${integer.format(rest)} ${retailUnit}` : '',
  ];
  return sign + text.filter(Boolean).join(' ');
}
