import {
  ChangeDetectionStrategy,
  Component,
  effect,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { ApiProblem, format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { load } from '../../core/load';
import { Confirm } from '../../ui/confirm';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { State } from '../../ui/state';
import { invoiceStatus, invoiceTone } from './invoice-status';
import { InvoicesApi } from './invoices.api';

/** One invoice: lines, totals, the goods issued with their lots; issue and print. */
@Component({
  selector: 'dms-invoice-panel',
  imports: [MatButtonModule, Icon, ProblemNotice, State],
  templateUrl: './invoice-panel.html',
  styleUrl: '../orders/order-panel.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class InvoicePanel {
  readonly invoiceId = input.required<string>();
  readonly closed = output();
  readonly changed = output();

  private readonly api = inject(InvoicesApi);
  private readonly confirm = inject(Confirm);
  private readonly feedback = inject(Feedback);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly tone = invoiceTone;

  protected readonly invoice = load(
    () => this.invoiceId(),
    (id) => this.api.detail(id),
  );
  protected readonly busy = signal(false);
  protected readonly refusal = signal<ApiProblem | null>(null);

  constructor() {
    effect(() => {
      this.invoiceId();
      this.refusal.set(null);
    });
  }

  /** The product on a line of the invoice, for a pick that names only the line. */
  protected product(lineNo: number): string {
    return this.invoice.value()?.items.find((line) => line.lineNo === lineNo)?.productName ?? '';
  }

  protected status(status: string): string {
    return invoiceStatus(status, this.t);
  }

  protected async issue(): Promise<void> {
    const number = this.invoice.value()?.invoiceNumber ?? '';
    const sure = await this.confirm.ask({
      title: this.t('invoices.issueTitle', { number }),
      text: this.t('invoices.issueText'),
      yes: this.t('invoices.issue'),
    });
    if (!sure) return;
    this.busy.set(true);
    this.refusal.set(null);
    try {
      const { issue } = await this.api.issue(this.invoiceId());
      this.feedback.done(this.t('invoices.issued', { number: issue?.issueNumber ?? '' }));
      this.changed.emit();
    } catch (error) {
      if (error instanceof ApiProblem && (error.status === 409 || error.status === 422)) {
        this.refusal.set(error);
      } else {
        this.feedback.failed(error);
      }
    } finally {
      this.busy.set(false);
      this.invoice.reload();
    }
  }
}
