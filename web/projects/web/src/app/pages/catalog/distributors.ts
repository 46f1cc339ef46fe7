import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column } from '../../ui/data-table';
import { ListPage } from '../../ui/list-page';
import { recordStatus, recordTone } from '../../ui/record-status';
import { CatalogApi, Distributor } from './catalog.api';

@Component({
  selector: 'dms-distributors',
  imports: [ListPage],
  template: `
    <dms-list-page
      [heading]="t('nav.distributors')"
      [searchLabel]="t('distributors.search')"
      [columns]="columns()"
      [rowId]="id"
      [list]="list"
    />
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Distributors {
  private readonly api = inject(CatalogApi);
  private readonly url = injectUrlState();
  protected readonly t = injectTranslate(webDict);

  protected readonly id = (row: Distributor) => row.distributorId;
  protected readonly list = load(
    () => ({ search: this.url.get('search'), page: this.url.page() }),
    (filter) => this.api.distributors(filter),
  );
  protected readonly columns = computed<Column<Distributor>[]>(() => [
    { key: 'code', label: this.t('distributors.code'), cell: (row) => row.code },
    { key: 'name', label: this.t('distributors.name'), cell: (row) => row.name },
    { key: 'tax', label: this.t('distributors.taxCode'), cell: (row) => row.taxCode },
    { key: 'province', label: this.t('distributors.province'), cell: (row) => row.province },
    { key: 'phone', label: this.t('list.phone'), cell: (row) => row.phone },
    {
      key: 'status',
      label: this.t('list.status'),
      cell: (row) => recordStatus(row.status, this.t),
      chip: (row) => recordTone(row.status),
    },
  ]);
}
