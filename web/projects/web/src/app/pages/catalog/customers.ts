import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column } from '../../ui/data-table';
import { ListPage } from '../../ui/list-page';
import { recordStatus, recordTone } from '../../ui/record-status';
import { CatalogApi, Customer } from './catalog.api';

@Component({
  selector: 'dms-customers',
  imports: [ListPage],
  template: `
    <dms-list-page
      [heading]="t('nav.customers')"
      [searchLabel]="t('customers.search')"
      [columns]="columns()"
      [rowId]="id"
      [list]="list"
    />
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Customers {
  private readonly api = inject(CatalogApi);
  private readonly url = injectUrlState();
  protected readonly t = injectTranslate(webDict);

  protected readonly id = (row: Customer) => row.id;
  protected readonly list = load(
    () => ({ search: this.url.get('search'), page: this.url.page() }),
    (filter) => this.api.customers(filter),
  );
  protected readonly columns = computed<Column<Customer>[]>(() => [
    { key: 'code', label: this.t('customers.code'), cell: (row) => row.customerCode },
    {
      key: 'name',
      label: this.t('customers.name'),
      cell: (row) => row.name,
      sub: (row) => row.contactPerson,
    },
    { key: 'phone', label: this.t('list.phone'), cell: (row) => row.phone },
    { key: 'address', label: this.t('customers.address'), cell: (row) => row.address },
    { key: 'type', label: this.t('customers.type'), cell: (row) => row.customerType },
    { key: 'group', label: this.t('customers.group'), cell: (row) => row.customerGroup },
    {
      key: 'balance',
      label: this.t('receivables.balance'),
      cell: (row) => (row.currentBalance ? format.money(row.currentBalance) : ''),
      num: true,
    },
    {
      key: 'status',
      label: this.t('list.status'),
      cell: (row) => recordStatus(row.status, this.t),
      chip: (row) => recordTone(row.status),
    },
  ]);
}
