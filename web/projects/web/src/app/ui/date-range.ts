import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { MatDatepickerModule } from '@angular/material/datepicker';
import { MatFormFieldModule } from '@angular/material/form-field';
import { format, injectTranslate } from '@dms/shared';
import { webDict } from '../core/dict';

export interface DateRange {
  readonly from: string;
  readonly to: string;
}

/** From – to as business dates (`YYYY-MM-DD`, empty = open). */
@Component({
  selector: 'dms-date-range',
  imports: [MatDatepickerModule, MatFormFieldModule],
  template: `
    <mat-form-field>
      <mat-label>{{ t('range.label') }}</mat-label>
      <mat-date-range-input [rangePicker]="picker">
        <input
          matStartDate
          [attr.aria-label]="t('range.from')"
          [value]="start()"
          (dateChange)="pick($event.value, end())"
        />
        <input
          matEndDate
          [attr.aria-label]="t('range.to')"
          [value]="end()"
          (dateChange)="pick(start(), $event.value)"
        />
      </mat-date-range-input>
      <mat-datepicker-toggle matIconSuffix [for]="picker" />
      <mat-date-range-picker #picker />
    </mat-form-field>
  `,
  styles: `
    mat-form-field {
      width: 262px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DateRangeField {
  readonly from = input('');
  readonly to = input('');
  readonly changed = output<DateRange>();

  protected readonly t = injectTranslate(webDict);
  protected readonly start = computed(() => format.dayForPicker(this.from()));
  protected readonly end = computed(() => format.dayForPicker(this.to()));

  protected pick(start: Date | null, end: Date | null): void {
    const from = format.pickedDay(start) ?? '';
    const to = format.pickedDay(end) ?? '';
    if (from && to && from > to) return; // the picker marks it; wait for a range that is one
    this.changed.emit({ from, to });
  }
}
