import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { OrderStatus as Status } from '../../core/api-types';
import { injectT } from '../../i18n/texts';

const TONES: Record<Status, string> = {
  Draft: '',
  Pending: 'warn',
  Approved: 'brand',
  Rejected: 'bad',
  Cancelled: 'bad',
  Invoiced: 'brand',
  Issued: 'ok',
};

@Component({
  selector: 'fld-order-status',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<span class="chip" [class]="tone()">{{ text() }}</span>`,
})
export class OrderStatus {
  private readonly t = injectT();
  readonly status = input.required<Status>();
  protected readonly text = computed(() => this.t(`orderStatus.${this.status()}`));
  protected readonly tone = computed(() => TONES[this.status()]);
}
