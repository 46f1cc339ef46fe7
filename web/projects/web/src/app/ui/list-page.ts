import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Page, injectTranslate } from '@dms/shared';
import { webDict } from '../core/dict';
import type { Loaded } from '../core/load';
import { injectUrlState } from '../core/url-state';
import { Column, DataTable } from './data-table';
import { Pager } from './pager';
import { SearchBox } from './search-box';

/** A list with a heading, a search and pages; its state stands in the URL. */
@Component({
  selector: 'dms-list-page',
  imports: [DataTable, Pager, SearchBox],
  template: `
    <div class="page">
      <div class="page-head">
        <h1>{{ heading() }}</h1>
      </div>
      <div class="toolbar" role="search">
        <dms-search-box
          [label]="searchLabel()"
          [value]="url.get('search')"
          (changed)="url.set({ search: $event })"
        />
        <ng-content />
      </div>
      <section class="card list">
        <dms-data-table
          [label]="heading()"
          [columns]="columns()"
          [rows]="list().value()?.data"
          [rowId]="rowId()"
          [loading]="list().loading()"
          [error]="list().error()"
          [empty]="url.get('search') ? t('list.noMatch') : ''"
          (retry)="list().reload()"
        />
        <dms-pager [page]="list().value()?.pagination" (go)="url.set({ page: $event })" />
      </section>
    </div>
  `,
  styles: `
    :host {
      display: block;
      height: 100%;
    }
    .list {
      display: flex;
      flex-direction: column;
      flex: 1;
      min-height: 0;
    }
    dms-data-table {
      flex: 1;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ListPage<T> {
  readonly heading = input.required<string>();
  readonly searchLabel = input('');
  readonly columns = input.required<readonly Column<T>[]>();
  readonly rowId = input.required<(row: T) => string>();
  readonly list = input.required<Loaded<Page<T>>>();

  protected readonly t = injectTranslate(webDict);
  protected readonly url = injectUrlState();
}
