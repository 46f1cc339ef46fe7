import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatSelectModule } from '@angular/material/select';
import {
  AuthStore,
  Hub,
  OrderCreated,
  Schema,
  format,
  injectHubEvent,
  injectTranslate,
} from '@dms/shared';
import { Confirm } from '../../ui/confirm';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column, DataTable } from '../../ui/data-table';
import { DateRange, DateRangeField } from '../../ui/date-range';
import { Pager } from '../../ui/pager';
import { PeopleApi } from '../../ui/people';
import { SearchBox } from '../../ui/search-box';
import { orderTone } from '../../ui/status-tone';
import { statusText } from '../../ui/status-text';
import { OrderPanel } from './order-panel';
import { OrderRow, OrdersApi } from './orders.api';

const STATUSES: readonly Schema<'OrderStatus'>[] = [
  'Pending',
  'Approved',
  'Rejected',
  'Cancelled',
  'Invoiced',
  'Issued',
];

@Component({
  selector: 'dms-orders',
  imports: [
    MatButtonModule,
    MatFormFieldModule,
    MatSelectModule,
    DataTable,
    DateRangeField,
    Pager,
    SearchBox,
    OrderPanel,
  ],
  templateUrl: './orders.html',
  styleUrl: './orders.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Orders {
  private readonly api = inject(OrdersApi);
  private readonly people = inject(PeopleApi);
  private readonly auth = inject(AuthStore);
  private readonly hub = inject(Hub);
  private readonly confirm = inject(Confirm);
  private readonly feedback = inject(Feedback);
  protected readonly t = injectTranslate(webDict);
  protected readonly url = injectUrlState();

  protected readonly statuses = STATUSES;
  protected readonly id = (row: OrderRow) => row.orderId;
  protected readonly pending = (row: OrderRow) => row.status === 'Pending';
  protected readonly mayApprove = computed(() => this.auth.can('orders.approve'));
  protected readonly selected = signal<ReadonlySet<string>>(new Set());
  protected readonly fresh = signal<ReadonlySet<string>>(new Set());
  protected readonly busy = signal(false);
  /** Orders of the last bulk approval that could not be approved, and why. */
  protected readonly refused = signal<readonly { number: string; message: string }[]>([]);

  protected readonly reps = load(
    () => true,
    () => this.people.reps(),
  );
  protected readonly filter = computed(() => ({
    search: this.url.get('search'),
    status: STATUSES.find((status) => status === this.url.get('status')),
    from: this.url.get('from'),
    to: this.url.get('to'),
    repId: this.url.get('repId'),
    page: this.url.page(),
  }));
  protected readonly orders = load(this.filter, (filter) => this.api.list(filter));
  protected readonly open = computed(() => this.url.get('order') || null);

  protected readonly columns = computed<Column<OrderRow>[]>(() => [
    { key: 'number', label: this.t('orders.number'), cell: (row) => row.orderNumber },
    {
      key: 'at',
      extra: true,
      label: this.t('orders.at'),
      cell: (row) => format.dateTime(row.orderedAt),
    },
    {
      key: 'customer',
      label: this.t('orders.customer'),
      cell: (row) => row.customerName,
      sub: (row) => row.customerCode,
    },
    { key: 'rep', extra: true, label: this.t('orders.rep'), cell: (row) => row.repName },
    {
      key: 'total',
      label: this.t('orders.total'),
      cell: (row) => format.money(row.totalAmount),
      num: true,
    },
    {
      key: 'status',
      label: this.t('orders.status'),
      cell: (row) => statusText(row.status, this.t),
      chip: (row) => orderTone(row.status),
    },
  ]);

  constructor() {
    injectHubEvent('OrderCreated', (event) => this.arrived(event));
    injectHubEvent('OrderStatusChanged', () => this.orders.reload());
    let seen = this.hub.reconnects();
    effect(() => {
      const now = this.hub.reconnects();
      if (now !== seen) untracked(() => this.orders.reload());
      seen = now;
    });
  }

  protected setRange(range: DateRange): void {
    this.url.set({ from: range.from, to: range.to });
  }

  protected show(row: OrderRow | null): void {
    this.url.set({ order: row?.orderId ?? null, page: this.url.page() });
  }

  protected changed(): void {
    this.selected.set(new Set());
    this.orders.reload();
  }

  protected async approveSelected(): Promise<void> {
    const ids = [...this.selected()];
    const sure = await this.confirm.ask({
      title: this.t('orders.bulkTitle', { count: ids.length }),
      text: this.t('orders.approveText'),
      yes: this.t('orders.approve'),
    });
    if (!sure) return;
    this.busy.set(true);
    try {
      const { results } = await this.api.bulkApprove(ids);
      const numbers = new Map(
        this.orders.value()?.data.map((row) => [row.orderId, row.orderNumber]),
      );
      const refused = results.filter((result) => result.code);
      this.refused.set(
        refused.map((result) => ({
          number: numbers.get(result.orderId) ?? result.orderId,
          message: result.message ?? result.code ?? '',
        })),
      );
      const approved = results.length - refused.length;
      if (approved) this.feedback.done(this.t('orders.bulkDone', { count: approved }));
      this.changed();
    } catch (error) {
      this.feedback.failed(error);
    } finally {
      this.busy.set(false);
    }
  }

  private arrived(event: OrderCreated): void {
    this.fresh.update((ids) => new Set([...ids, event.orderId]));
    this.orders.reload();
  }
}
