import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { format, injectTranslate } from '@dms/shared';
import { WebKey, webDict } from '../../core/dict';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column } from '../../ui/data-table';
import { ListPage } from '../../ui/list-page';
import { CatalogApi, Route } from './catalog.api';

/** ISO weekdays: 1 is Monday. */
const WEEKDAYS: Readonly<Record<number, WebKey>> = {
  1: 'weekday.1',
  2: 'weekday.2',
  3: 'weekday.3',
  4: 'weekday.4',
  5: 'weekday.5',
  6: 'weekday.6',
  7: 'weekday.7',
};

@Component({
  selector: 'dms-routes',
  imports: [ListPage],
  template: `
    <dms-list-page
      [heading]="t('nav.routes')"
      [searchLabel]="t('routes.search')"
      [columns]="columns()"
      [rowId]="id"
      [list]="list"
    />
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RoutesPage {
  private readonly api = inject(CatalogApi);
  private readonly url = injectUrlState();
  protected readonly t = injectTranslate(webDict);

  protected readonly id = (row: Route) => row.routeId;
  protected readonly list = load(
    () => ({ search: this.url.get('search'), page: this.url.page() }),
    (filter) => this.api.routes(filter),
  );
  protected readonly columns = computed<Column<Route>[]>(() => [
    { key: 'code', label: this.t('routes.code'), cell: (row) => row.routeCode },
    { key: 'name', label: this.t('routes.name'), cell: (row) => row.name },
    { key: 'rep', label: this.t('orders.rep'), cell: (row) => row.repName ?? '' },
    { key: 'unit', label: this.t('report.unit'), cell: (row) => row.unitName ?? '' },
    {
      key: 'days',
      label: this.t('routes.weekdays'),
      cell: (row) => row.weekdays.map((day) => this.t(WEEKDAYS[day] ?? 'weekday.7')).join(', '),
    },
    {
      key: 'customers',
      label: this.t('routes.customers'),
      cell: (row) => format.number(row.customerCount),
      num: true,
    },
  ]);
}
