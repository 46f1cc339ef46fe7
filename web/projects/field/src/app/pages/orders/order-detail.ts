import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { format } from '@dms/shared';
import type { OrderAnswer } from '../../core/api-types';
import { Day } from '../../core/day';
import type { LocalOrder } from '../../core/field-db';
import { FieldStore } from '../../core/field-store';
import { liveFor } from '../../core/live';
import { MasterData } from '../../core/master-data';
import { OrderNews } from '../../core/order-news';
import type { OutboxItem } from '../../core/outbox-item';
import { explanationText } from '../../core/promotion-text';
import { ServerOrder } from '../../core/server-order';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { ItemState } from '../../ui/item-state';
import { TopBar } from '../../ui/top-bar';
import { type PricedLine, PricedLines, estimatedLine } from '../order/priced-lines';
import { Sums } from '../order/sums';
import { OrderStatus } from './order-status';

interface Mine {
  order: LocalOrder;
  item: OutboxItem | null;
}

/** One order: the server's number and totals as soon as they are there, the phone's until then. */
@Component({
  selector: 'fld-order-detail',
  imports: [RouterLink, TopBar, Icon, ItemState, PricedLines, Sums, OrderStatus],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fld-top-bar
      [title]="number() ?? t('orders.noNumber')"
      [subtitle]="customerName()"
      back="/orders"
    />
    <div class="page with-bar stack">
      @if (known()) {
        <section class="card stack">
          <div class="row wrap">
            @if (status(); as value) {
              <fld-order-status [status]="value" />
            }
            <fld-item-state [item]="mine()?.order?.itemId ?? null" />
            @if (takenAt(); as at) {
              <span class="soft">{{ t('orders.takenAt', { time: time(at) }) }}</span>
            }
          </div>
          @if (answer()?.reason; as reason) {
            <p class="notice warn">
              <fld-icon name="warn" /><span>{{ reason }}</span>
            </p>
          }
          @if (mine()?.item?.error; as error) {
            <p class="notice" [class.bad]="mine()?.item?.state === 'refused'">
              <fld-icon name="warn" /><span>{{ error.message }}</span>
            </p>
          }
        </section>
        <section class="card"><fld-priced-lines [lines]="lines()" /></section>
        <section class="card stack">
          @if (sums(); as s) {
            <fld-sums [sums]="s" />
          } @else {
            <dl class="facts">
              <dt>{{ t('order.gross') }}</dt>
              <dd class="num strong">{{ money(mine()?.order?.shownTotal) }}</dd>
            </dl>
            <p class="soft">{{ t('orders.estimate') }}</p>
          }
          @if (differs(); as shown) {
            <p class="notice warn">
              <fld-icon name="warn" />
              <span>{{ t('orders.differs', { shown: money(shown) }) }}</span>
            </p>
          }
        </section>
        @if (promotions().length > 0) {
          <section class="card stack">
            <h2>{{ t('order.promotions') }}</h2>
            @for (text of promotions(); track $index) {
              <p class="row">
                <fld-icon name="gift" /><span>{{ text }}</span>
              </p>
            }
          </section>
        }
        @if (mine()?.order?.notes; as notes) {
          <section class="card">
            <p class="soft">{{ t('order.notes') }}</p>
            <p>{{ notes }}</p>
          </section>
        }
      } @else if (settled()) {
        <p class="empty">{{ t('orders.unknown') }}</p>
      }
    </div>
    <div class="action-bar">
      @if (visitHere(); as visit) {
        <a class="btn primary big wide" [routerLink]="['/outlets', visit.customerId]">
          {{ t('orders.backToVisit') }}
        </a>
      } @else {
        <a class="btn big wide" routerLink="/today">{{ t('nav.today') }}</a>
      }
    </div>
  `,
  styles: `
    .wrap {
      flex-wrap: wrap;
    }
  `,
})
export class OrderDetail {
  private readonly db = inject(FieldStore).db;
  private readonly master = inject(MasterData);
  private readonly news = inject(OrderNews);
  private readonly day = inject(Day);
  protected readonly t = injectT();
  protected readonly money = format.money;
  protected readonly time = format.time;

  readonly orderId = input.required<string>();

  protected readonly mine = liveFor<string, Mine | null | undefined>(
    this.orderId,
    (id) => this.read(id),
    undefined,
  );
  /** Orders taken elsewhere are asked from the server. */
  private readonly remote = new ServerOrder(() => (this.mine() === null ? this.orderId() : null));
  protected readonly answer = computed(
    () => (this.mine()?.item?.result as OrderAnswer | null | undefined) ?? this.remote.order(),
  );
  private readonly row = computed(() => this.news.byId().get(this.orderId()));

  protected readonly settled = computed(() => this.mine() !== undefined && !this.remote.asking());
  protected readonly known = computed(() => !!(this.mine() ?? this.answer() ?? this.row()));
  protected readonly number = computed(
    () => this.answer()?.orderNumber ?? this.row()?.orderNumber ?? null,
  );
  protected readonly status = computed(() => this.row()?.status ?? this.answer()?.status ?? null);
  protected readonly customerName = computed(
    () =>
      this.mine()?.order.customerName ??
      this.answer()?.customerName ??
      this.row()?.customerName ??
      '',
  );
  protected readonly takenAt = computed(
    () => this.mine()?.order.orderedAt ?? this.answer()?.orderedAt ?? this.row()?.orderedAt ?? null,
  );
  protected readonly sums = computed(() => this.answer() ?? this.mine()?.order.quote ?? null);
  protected readonly differs = computed(() => {
    const mine = this.mine()?.order;
    const answer = this.answer();
    if (!mine?.quote || !answer || answer.totalAmount === mine.shownTotal) return null;
    return mine.shownTotal;
  });
  protected readonly lines = computed(
    (): readonly PricedLine[] =>
      this.answer()?.items ??
      this.mine()?.order.quote?.items ??
      (this.mine()?.order.lines ?? []).map(estimatedLine),
  );
  protected readonly promotions = computed(() =>
    (this.answer()?.explanations ?? this.mine()?.order.quote?.explanations ?? []).map((note) =>
      explanationText(note, this.master.productById(), this.t),
    ),
  );
  protected readonly visitHere = computed(() => {
    const visitId = this.mine()?.order.visitId;
    return this.day.openVisits()?.find((visit) => visit.id === visitId) ?? null;
  });

  private async read(id: string): Promise<Mine | null> {
    const order = await this.db.orders.get(id);
    if (!order) return null;
    return { order, item: (await this.db.outbox.get(order.itemId)) ?? null };
  }
}
