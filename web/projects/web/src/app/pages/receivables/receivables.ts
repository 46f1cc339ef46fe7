import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatDialog } from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import { format, injectTranslate } from '@dms/shared';
import { WebKey, webDict } from '../../core/dict';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column, DataTable } from '../../ui/data-table';
import { Icon } from '../../ui/icon';
import { Pager } from '../../ui/pager';
import { SearchBox } from '../../ui/search-box';
import { State } from '../../ui/state';
import { CollectDialog, CollectFrom } from './collect-dialog';
import { CustomerBalance, LedgerEntry, ReceivablesApi } from './receivables.api';

/** What each outlet owes, its open documents, and taking its money. */
@Component({
  selector: 'dms-receivables',
  imports: [MatButtonModule, DataTable, Icon, Pager, SearchBox, State],
  templateUrl: './receivables.html',
  styleUrls: ['../orders/orders.scss', '../orders/order-panel.scss', './receivables.scss'],
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Receivables {
  private readonly api = inject(ReceivablesApi);
  private readonly dialog = inject(MatDialog);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly url = injectUrlState();

  protected readonly id = (row: CustomerBalance) => row.customerId;
  protected readonly balances = load(
    () => ({ search: this.url.get('search'), page: this.url.page() }),
    (filter) => this.api.balances(filter),
  );
  protected readonly open = computed(() => this.url.get('customer') || null);
  protected readonly account = load(this.open, (id) => this.api.account(id));

  protected readonly columns = computed<Column<CustomerBalance>[]>(() => [
    { key: 'code', label: this.t('customers.code'), cell: (row) => row.customerCode },
    { key: 'name', label: this.t('orders.customer'), cell: (row) => row.customerName },
    {
      key: 'limit',
      extra: true,
      label: this.t('customers.creditLimit'),
      cell: (row) => format.money(row.creditLimit),
      num: true,
    },
    {
      key: 'overdue',
      label: this.t('receivables.overdue'),
      cell: (row) => (row.overdue ? format.money(row.overdue) : ''),
      num: true,
      tone: () => 'bad',
    },
    {
      key: 'balance',
      label: this.t('receivables.balance'),
      cell: (row) => format.money(row.balance),
      num: true,
    },
  ]);

  protected show(row: CustomerBalance | null): void {
    this.url.set({ customer: row?.customerId ?? null, page: this.url.page() });
  }

  protected late(item: LedgerEntry): boolean {
    return item.openAmount > 0 && !!item.dueDate && item.dueDate < format.businessDate();
  }

  protected kind(kind: string): string {
    const key = `entry.${kind}`;
    return key in webDict.vi ? this.t(key as WebKey) : kind;
  }

  protected async collect(customerId: string): Promise<void> {
    const account = this.account.value();
    if (!account) return;
    const data: CollectFrom = {
      customerId,
      customerName: account.customer.customerName,
      balance: account.customer.balance,
      open: account.openItems,
    };
    const opened = this.dialog.open<CollectDialog, CollectFrom, boolean>(CollectDialog, {
      data,
      width: '520px',
    });
    if (await firstValueFrom(opened.afterClosed())) {
      this.balances.reload();
      this.account.reload();
    }
  }
}
