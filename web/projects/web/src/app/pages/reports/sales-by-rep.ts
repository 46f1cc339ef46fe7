import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatSelectModule } from '@angular/material/select';
import { format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { load } from '../../core/load';
import { saveFile } from '../../core/save-file';
import { injectUrlState } from '../../core/url-state';
import { DateRangeField } from '../../ui/date-range';
import { Icon } from '../../ui/icon';
import { PeopleApi } from '../../ui/people';
import { State } from '../../ui/state';
import { ReportsApi, SalesRow, SalesSums } from './reports.api';

interface RepBlock {
  readonly repId: SalesRow['repId'];
  readonly repName: string;
  readonly rows: readonly { readonly number: number; readonly row: SalesRow }[];
  readonly subtotal: SalesSums | undefined;
}

/** Báo cáo bán hàng theo nhân viên: products per rep, gifts on their own rows, subtotals, total. */
@Component({
  selector: 'dms-sales-by-rep',
  imports: [MatButtonModule, MatFormFieldModule, MatSelectModule, DateRangeField, Icon, State],
  templateUrl: './sales-by-rep.html',
  styleUrl: './sales-by-rep.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SalesByRep {
  private readonly api = inject(ReportsApi);
  private readonly people = inject(PeopleApi);
  private readonly feedback = inject(Feedback);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly url = injectUrlState();
  protected readonly busy = signal(false);

  /** From the URL; this month so far when it says nothing. */
  protected readonly filter = computed(() => {
    const today = format.businessDate();
    return {
      from: this.url.get('from') || `${today.slice(0, 8)}01`,
      to: this.url.get('to') || today,
      repId: this.url.get('repId'),
    };
  });
  protected readonly reps = load(
    () => true,
    () => this.people.reps(),
  );
  protected readonly report = load(this.filter, (filter) => this.api.salesByRep(filter));
  protected readonly blocks = computed<RepBlock[]>(() => {
    const report = this.report.value();
    if (!report) return [];
    const byRep = new Map<SalesRow['repId'], { number: number; row: SalesRow }[]>();
    report.rows.forEach((row, index) => {
      const rows = byRep.get(row.repId) ?? [];
      rows.push({ number: index + 1, row });
      byRep.set(row.repId, rows);
    });
    return [...byRep].map(([repId, rows]) => ({
      repId,
      repName: rows[0].row.repName,
      rows,
      subtotal: report.subtotals.find((sums) => sums.repId === repId),
    }));
  });

  protected async excel(): Promise<void> {
    this.busy.set(true);
    try {
      saveFile(await this.api.salesByRepExcel(this.filter()));
    } catch (error) {
      this.feedback.failed(error);
    } finally {
      this.busy.set(false);
    }
  }
}
