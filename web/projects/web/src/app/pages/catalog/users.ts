import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column } from '../../ui/data-table';
import { ListPage } from '../../ui/list-page';
import { recordStatus, recordTone, roleText } from '../../ui/record-status';
import { CatalogApi, User } from './catalog.api';

@Component({
  selector: 'dms-users',
  imports: [ListPage],
  template: `
    <dms-list-page
      [heading]="t('nav.users')"
      [searchLabel]="t('users.search')"
      [columns]="columns()"
      [rowId]="id"
      [list]="list"
    />
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Users {
  private readonly api = inject(CatalogApi);
  private readonly url = injectUrlState();
  protected readonly t = injectTranslate(webDict);

  protected readonly id = (row: User) => row.userId;
  protected readonly list = load(
    () => ({ search: this.url.get('search'), page: this.url.page() }),
    (filter) => this.api.users(filter),
  );
  protected readonly columns = computed<Column<User>[]>(() => [
    { key: 'username', label: this.t('common.username'), cell: (row) => row.username },
    { key: 'name', label: this.t('users.name'), cell: (row) => row.fullName },
    { key: 'role', label: this.t('users.role'), cell: (row) => roleText(row.role, this.t) },
    {
      key: 'distributor',
      label: this.t('users.distributor'),
      cell: (row) => row.distributorName ?? '',
    },
    { key: 'phone', label: this.t('list.phone'), cell: (row) => row.phone },
    {
      key: 'status',
      label: this.t('list.status'),
      cell: (row) => recordStatus(row.status, this.t),
      chip: (row) => recordTone(row.status),
    },
  ]);
}
