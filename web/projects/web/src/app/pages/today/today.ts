import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { Hub, format, injectHubEvent, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { statusText, visitResultText } from '../../ui/status-text';
import { orderTone } from '../../ui/status-tone';
import { OrdersApi } from '../orders/orders.api';
import * as boards from './board';
import { RepMap } from './rep-map';
import { LivePerson, TodayApi } from './today.api';

const CLOCK_MS = 15_000;

/** Hôm nay: where the team is, what it is doing, and what came in, as it happens. */
@Component({
  selector: 'dms-today',
  imports: [MatButtonModule, RouterLink, Icon, RepMap, State],
  templateUrl: './today.html',
  styleUrl: './today.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Today {
  private readonly api = inject(TodayApi);
  private readonly orders = inject(OrdersApi);
  private readonly hub = inject(Hub);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly orderTone = orderTone;

  private readonly now = signal(Date.now());
  protected readonly chosen = signal<string | null>(null);
  protected readonly board = load(
    () => true,
    async (): Promise<boards.Board> => {
      const day = format.businessDate();
      const [people, visits, orders] = await Promise.all([
        this.api.people(),
        this.api.visits(day),
        this.orders.list({ from: day, to: day }),
      ]);
      return { people, feed: boards.startFeed(orders.data, visits) };
    },
  );
  protected readonly outlets = load(
    () => true,
    () => this.api.outlets(),
  );
  protected readonly reps = computed(() =>
    (this.board.value()?.people ?? []).map((rep) => ({ rep, state: boards.stateOf(rep) })),
  );
  protected readonly sums = computed(() => {
    const board = this.board.value();
    return board && boards.sums(board.people);
  });
  protected readonly out = computed(
    () => this.reps().filter(({ state }) => state === 'working' || state === 'visiting').length,
  );
  protected readonly feed = computed(() => {
    const chosen = this.chosen();
    return (this.board.value()?.feed ?? []).filter((item) => !chosen || item.userId === chosen);
  });

  constructor() {
    injectHubEvent('LocationUpdated', (event) => this.board.patch((b) => boards.moved(b, event)));
    injectHubEvent('OrderCreated', (event) => this.board.patch((b) => boards.ordered(b, event)));
    injectHubEvent('OrderStatusChanged', (event) =>
      this.board.patch((b) => boards.orderChanged(b, event)),
    );
    injectHubEvent('VisitStarted', (event) =>
      this.board.patch((b) => boards.visitStarted(b, event)),
    );
    injectHubEvent('VisitCompleted', (event) =>
      this.board.patch((b) => boards.visitCompleted(b, event)),
    );
    let seen = this.hub.reconnects();
    effect(() => {
      const now = this.hub.reconnects();
      if (now !== seen) untracked(() => this.board.reload()); // events were missed
      seen = now;
    });
    const clock = setInterval(() => this.now.set(Date.now()), CLOCK_MS);
    inject(DestroyRef).onDestroy(() => clearInterval(clock));
  }

  protected choose(userId: string | null): void {
    this.chosen.update((old) => (old === userId ? null : userId));
  }

  protected doing(rep: LivePerson, state: boards.PersonState): string {
    switch (state) {
      case 'visiting':
        return this.t('today.visiting', { name: rep.openVisit?.customerName ?? '' });
      case 'working':
        return this.t('today.working', { time: format.time(rep.clockedAt) });
      case 'done':
        return this.t('today.done', { time: format.time(rep.clockedAt) });
      case 'absent':
        return this.t('today.absent');
    }
  }

  protected age(at: string | null | undefined): string {
    if (!at) return this.t('today.noFix');
    const minutes = Math.max(0, Math.floor((this.now() - new Date(at).getTime()) / 60_000));
    if (minutes < 1) return this.t('today.justNow');
    if (minutes < 60) return this.t('today.minutesAgo', { count: minutes });
    return minutes < 24 * 60 ? format.time(at) : format.dateTime(at);
  }

  /** Older than half an hour while at work: the phone is silent. */
  protected stale(rep: LivePerson, state: boards.PersonState): boolean {
    if (state !== 'working' && state !== 'visiting') return false;
    const at = rep.position?.at;
    return !at || this.now() - new Date(at).getTime() > 30 * 60_000;
  }

  protected story(item: boards.FeedItem): string {
    switch (item.kind) {
      case 'order':
        return this.t('today.feedOrder', { name: item.customerName });
      case 'visitStarted':
        return this.t('today.feedStart', { name: item.customerName });
      case 'visitCompleted':
        return this.t('today.feedEnd', { name: item.customerName });
    }
  }

  protected status(status: string): string {
    return statusText(status, this.t);
  }

  protected result(result: string): string {
    return visitResultText(result, this.t);
  }
}
