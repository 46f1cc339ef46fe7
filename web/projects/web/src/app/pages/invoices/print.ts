import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { State } from '../../ui/state';
import { invoiceStatus } from './invoice-status';
import { InvoicesApi } from './invoices.api';

/** The invoice on A5 paper. */
@Component({
  selector: 'dms-invoice-print',
  imports: [State],
  templateUrl: './print.html',
  styleUrl: './print.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class InvoicePrint {
  /** The invoice (route parameter). */
  readonly id = input.required<string>();

  private readonly api = inject(InvoicesApi);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly signatures = ['print.buyer', 'print.deliverer', 'print.maker'] as const;
  protected readonly invoice = load(
    () => this.id(),
    (id) => this.api.detail(id),
  );

  protected status(status: string): string {
    return invoiceStatus(status, this.t);
  }

  protected print(): void {
    window.print();
  }
}
