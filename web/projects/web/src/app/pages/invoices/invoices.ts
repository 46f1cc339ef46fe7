import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatButtonToggleModule } from '@angular/material/button-toggle';
import { ApiProblem, format, injectHubEvent, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column, DataTable } from '../../ui/data-table';
import { DateRangeField } from '../../ui/date-range';
import { Pager } from '../../ui/pager';
import { ProblemNotice } from '../../ui/problem-notice';
import { SearchBox } from '../../ui/search-box';
import { OrderRow, OrdersApi } from '../orders/orders.api';
import { InvoicePanel } from './invoice-panel';
import { InvoiceRow, InvoicesApi } from './invoices.api';
import { invoiceStatus, invoiceTone } from './invoice-status';

/** Approved orders that wait for an invoice, and the invoices made from them. */
@Component({
  selector: 'dms-invoices',
  imports: [
    MatButtonModule,
    MatButtonToggleModule,
    DataTable,
    DateRangeField,
    InvoicePanel,
    Pager,
    ProblemNotice,
    SearchBox,
  ],
  templateUrl: './invoices.html',
  styleUrl: '../orders/orders.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Invoices {
  private readonly api = inject(InvoicesApi);
  private readonly orders = inject(OrdersApi);
  private readonly feedback = inject(Feedback);
  protected readonly t = injectTranslate(webDict);
  protected readonly url = injectUrlState();

  protected readonly orderId = (row: OrderRow) => row.orderId;
  protected readonly invoiceId = (row: InvoiceRow) => row.invoiceId;
  protected readonly busy = signal(false);
  protected readonly refusal = signal<ApiProblem | null>(null);
  protected readonly selected = signal<ReadonlySet<string>>(new Set());

  protected readonly view = computed(() =>
    this.url.get('view') === 'waiting' ? 'waiting' : 'invoices',
  );
  protected readonly open = computed(() => this.url.get('invoice') || null);
  private readonly filter = computed(() => ({
    search: this.url.get('search'),
    from: this.url.get('from'),
    to: this.url.get('to'),
    page: this.url.page(),
  }));
  protected readonly invoices = load(
    () => (this.view() === 'invoices' ? this.filter() : null),
    (filter) => this.api.list(filter),
  );
  protected readonly waiting = load(
    () => (this.view() === 'waiting' ? { ...this.filter(), status: 'Approved' as const } : null),
    (filter) => this.orders.list(filter),
  );
  /** An invoice is for one customer: the first chosen order decides which. */
  protected readonly customer = computed(() => {
    const chosen = this.selected();
    return this.waiting.value()?.data.find((row) => chosen.has(row.orderId))?.customerId ?? null;
  });
  protected readonly sameCustomer = computed(() => {
    const customer = this.customer();
    return (row: OrderRow) => customer === null || row.customerId === customer;
  });

  protected readonly invoiceColumns = computed<Column<InvoiceRow>[]>(() => [
    { key: 'number', label: this.t('invoices.number'), cell: (row) => row.invoiceNumber },
    {
      key: 'date',
      extra: true,
      label: this.t('invoices.date'),
      cell: (row) => format.date(row.businessDate),
    },
    {
      key: 'customer',
      label: this.t('orders.customer'),
      cell: (row) => row.customerName,
      sub: (row) => row.customerCode,
    },
    {
      key: 'total',
      label: this.t('orders.total'),
      cell: (row) => format.money(row.totalAmount),
      num: true,
    },
    {
      key: 'status',
      label: this.t('orders.status'),
      cell: (row) => invoiceStatus(row.status, this.t),
      chip: (row) => invoiceTone(row.status),
    },
  ]);
  protected readonly orderColumns = computed<Column<OrderRow>[]>(() => [
    { key: 'number', label: this.t('orders.number'), cell: (row) => row.orderNumber },
    { key: 'at', label: this.t('orders.at'), cell: (row) => format.dateTime(row.orderedAt) },
    {
      key: 'customer',
      label: this.t('orders.customer'),
      cell: (row) => row.customerName,
      sub: (row) => row.customerCode,
    },
    { key: 'rep', label: this.t('orders.rep'), cell: (row) => row.repName },
    {
      key: 'total',
      label: this.t('orders.total'),
      cell: (row) => format.money(row.totalAmount),
      num: true,
    },
  ]);

  constructor() {
    injectHubEvent('OrderStatusChanged', () => this.waiting.reload());
  }

  protected show(row: InvoiceRow | null): void {
    this.url.set({ invoice: row?.invoiceId ?? null, page: this.url.page() });
  }

  protected switchTo(view: string): void {
    this.selected.set(new Set());
    this.refusal.set(null);
    this.url.set({ view: view === 'waiting' ? view : null, invoice: null, search: null });
  }

  protected async create(): Promise<void> {
    this.busy.set(true);
    this.refusal.set(null);
    try {
      const invoice = await this.api.create([...this.selected()]);
      this.selected.set(new Set());
      this.feedback.done(this.t('invoices.created', { number: invoice.invoiceNumber }));
      this.url.set({ view: null, invoice: invoice.invoiceId, search: null });
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 422) this.refusal.set(error);
      else this.feedback.failed(error);
    } finally {
      this.busy.set(false);
    }
  }
}
