import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Column } from '../../ui/data-table';
import { ListPage } from '../../ui/list-page';
import { recordStatus, recordTone } from '../../ui/record-status';
import { CatalogApi, Product } from './catalog.api';

@Component({
  selector: 'dms-products',
  imports: [ListPage],
  template: `
    <dms-list-page
      [heading]="t('nav.products')"
      [searchLabel]="t('products.search')"
      [columns]="columns()"
      [rowId]="id"
      [list]="list"
    />
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Products {
  private readonly api = inject(CatalogApi);
  private readonly url = injectUrlState();
  protected readonly t = injectTranslate(webDict);

  protected readonly id = (row: Product) => row.id;
  protected readonly list = load(
    () => ({ search: this.url.get('search'), page: this.url.page() }),
    (filter) => this.api.products(filter),
  );
  protected readonly columns = computed<Column<Product>[]>(() => [
    { key: 'code', label: this.t('products.code'), cell: (row) => row.productCode },
    { key: 'name', label: this.t('products.name'), cell: (row) => row.name },
    { key: 'brand', label: this.t('products.brand'), cell: (row) => row.brand },
    { key: 'category', label: this.t('products.category'), cell: (row) => row.category },
    {
      key: 'unit',
      label: this.t('products.unit'),
      cell: (row) =>
        row.conversionRate > 1
          ? `${row.unitName} = ${row.conversionRate} ${row.subUnitName}`
          : row.unitName,
    },
    {
      key: 'price',
      label: this.t('products.price'),
      cell: (row) => format.money(row.sellingPrice),
      num: true,
    },
    {
      key: 'priceSub',
      label: this.t('products.priceSub'),
      cell: (row) => format.money(row.sellingPriceSub),
      num: true,
    },
    { key: 'vat', label: 'VAT', cell: (row) => `${row.vat}%`, num: true },
    {
      key: 'status',
      label: this.t('list.status'),
      cell: (row) => recordStatus(row.status, this.t),
      chip: (row) => recordTone(row.status),
    },
  ]);
}
