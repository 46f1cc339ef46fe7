import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatSelectModule } from '@angular/material/select';
import { format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { injectUrlState } from '../../core/url-state';
import { Pager } from '../../ui/pager';
import { SearchBox } from '../../ui/search-box';
import { State } from '../../ui/state';
import { StockApi, StockLot, StockRow } from './stock.api';

const NEAR_EXPIRY_DAYS = 60;

/** What a warehouse holds: per product on hand, reserved, available; per lot its expiry. */
@Component({
  selector: 'dms-stock',
  imports: [MatFormFieldModule, MatSelectModule, Pager, SearchBox, State],
  templateUrl: './stock.html',
  styleUrl: './stock.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Stock {
  private readonly api = inject(StockApi);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly url = injectUrlState();

  protected readonly warehouses = load(
    () => true,
    () => this.api.warehouses(),
  );
  /** The one in the URL, else the first. */
  protected readonly warehouse = computed(
    () => this.url.get('warehouse') || this.warehouses.value()?.[0]?.warehouseId || '',
  );
  protected readonly stock = load(
    () => {
      const warehouse = this.warehouse();
      return warehouse
        ? { warehouse, search: this.url.get('search'), page: this.url.page() }
        : null;
    },
    ({ warehouse, search, page }) => this.api.stock(warehouse, search, page),
  );

  protected cases(row: StockRow, pieces: number): string {
    return format.cases(pieces, row.conversionRate, row.unitName, row.subUnitName);
  }

  protected expiryTone(lot: StockLot): string {
    if (!lot.expiry) return '';
    const today = format.businessDate();
    if (lot.expiry < today) return 'bad';
    return lot.expiry <= format.addDays(today, NEAR_EXPIRY_DAYS) ? 'warn' : '';
  }
}
