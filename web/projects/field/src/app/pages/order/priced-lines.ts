import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { format } from '@dms/shared';
import type { Unit } from '../../core/api-types';
import type { OrderLine } from '../../core/field-db';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';

/** One line of an order with its price, estimated or final. */
export interface PricedLine {
  productId: string;
  productName: string;
  quantity: number;
  unit: Unit;
  unitName: string;
  unitPrice: number;
  discountAmount: number;
  gross: number;
  isFree: boolean;
}

/** A line as the phone knows it: list price, no promotion. */
export const estimatedLine = (line: OrderLine): PricedLine => ({
  ...line,
  discountAmount: 0,
  gross: line.quantity * line.unitPrice,
  isFree: false,
});

@Component({
  selector: 'fld-priced-lines',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ul>
      @for (line of lines(); track $index) {
        <li [class.free]="line.isFree">
          <span class="grow">
            <span class="strong">{{ line.productName }}</span>
            <span class="soft num how">
              {{ number(line.quantity) }} {{ line.unitName }}
              @if (!line.isFree) {
                × {{ money(line.unitPrice) }}
              }
            </span>
            @if (line.discountAmount > 0) {
              <span class="chip ok">−{{ money(line.discountAmount) }}</span>
            }
          </span>
          @if (line.isFree) {
            <span class="chip gift"><fld-icon name="gift" [size]="18" />{{ t('order.free') }}</span>
          } @else {
            <span class="num strong">{{ money(line.gross) }}</span>
          }
        </li>
      }
    </ul>
  `,
  styles: `
    li {
      display: flex;
      gap: 10px;
      align-items: flex-start;
      padding: 10px 0;
    }
    li + li {
      border-top: 1px solid var(--line);
    }
    li:first-child {
      padding-top: 0;
    }
    li:last-child {
      padding-bottom: 0;
    }
    .grow > span {
      display: block;
      width: fit-content;
    }
    .how {
      white-space: normal;
    }
  `,
})
export class PricedLines {
  protected readonly t = injectT();
  protected readonly money = format.money;
  protected readonly number = format.number;
  readonly lines = input.required<readonly PricedLine[]>();
}
