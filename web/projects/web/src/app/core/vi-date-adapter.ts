import { Injectable } from '@angular/core';
import { MatDateFormats, NativeDateAdapter } from '@angular/material/core';

/** Shows days as dd/MM/yyyy; `parse` gives the text on to the adapter. */
export const VI_DATE_FORMATS: MatDateFormats = {
  parse: { dateInput: null },
  display: {
    dateInput: { day: '2-digit', month: '2-digit', year: 'numeric' },
    monthYearLabel: { year: 'numeric', month: 'short' },
    dateA11yLabel: { year: 'numeric', month: 'long', day: 'numeric' },
    monthYearA11yLabel: { year: 'numeric', month: 'long' },
  },
};

/** Reads what people here type (dd/MM/yyyy); the native adapter would take 05/12 for 12 May. */
@Injectable()
export class ViDateAdapter extends NativeDateAdapter {
  override parse(value: unknown): Date | null {
    if (typeof value !== 'string' || !value.trim()) return null;
    const typed = /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{2}|\d{4}))?$/.exec(value.trim());
    if (!typed) return this.invalid();
    const [, day, month, year] = typed;
    const fullYear = !year ? this.today().getFullYear() : year.length === 2 ? 2000 + +year : +year;
    const date = new Date(fullYear, +month - 1, +day);
    const exists = date.getMonth() === +month - 1 && date.getDate() === +day;
    return exists ? date : this.invalid();
  }

  override getFirstDayOfWeek(): number {
    return 1;
  }
}
