import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { format, problemText } from '@dms/shared';
import { FieldStore } from '../../core/field-store';
import { live } from '../../core/live';
import { MasterData } from '../../core/master-data';
import type { OutboxItem } from '../../core/outbox-item';
import { Sync } from '../../core/sync';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { Sheet } from '../../ui/sheet';
import { TopBar } from '../../ui/top-bar';
import { ItemRow } from './item-row';

const NONE: OutboxItem[] = [];

/** The queue as a place: what waits, what was refused and why, what has arrived. */
@Component({
  selector: 'fld-sync-page',
  imports: [TopBar, Icon, Sheet, ItemRow, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './sync-page.html',
  styles: `
    .ages dd {
      font-weight: 600;
    }
    li + li {
      border-top: 1px solid var(--line);
    }
    .actions {
      padding-bottom: 10px;
    }
  `,
})
export class SyncPage {
  private readonly store = inject(FieldStore);
  protected readonly sync = inject(Sync);
  protected readonly master = inject(MasterData);
  protected readonly t = injectT();

  protected readonly discarding = signal<OutboxItem | null>(null);
  protected readonly fallen = signal(0);

  protected readonly sent = live(() => this.sentToday(), NONE);
  private readonly refusedIds = computed(() => new Set(this.sync.refused().map((item) => item.id)));
  protected readonly ages = computed(
    () =>
      [
        ['sync.dataRoute', this.age(this.master.routeAt())],
        ['sync.dataProducts', this.age(this.master.productsAt())],
        ['sync.dataCustomers', this.age(this.master.customersAt())],
      ] as const,
  );

  protected blocked(item: OutboxItem): boolean {
    return item.needs.some((id) => this.refusedIds().has(id));
  }

  protected async retry(item: OutboxItem): Promise<void> {
    await this.store.outbox.retry(item.id);
    this.sync.now();
  }

  protected async retryAll(): Promise<void> {
    await this.store.outbox.retryAll();
    this.sync.now();
  }

  protected async askDiscard(item: OutboxItem): Promise<void> {
    this.fallen.set((await this.store.outbox.dependants(item.id)).length);
    this.discarding.set(item);
  }

  protected async discard(item: OutboxItem): Promise<void> {
    await this.store.outbox.discard(item.id);
    this.discarding.set(null);
    this.sync.now();
  }

  protected problemText(problem: NonNullable<ReturnType<MasterData['problem']>>): string {
    return problemText(problem, this.t);
  }

  private async sentToday(): Promise<OutboxItem[]> {
    const day = format.businessDate();
    const rows = await this.store.db.outbox
      .where('state')
      .anyOf('sent', 'discarded')
      .and((item) => item.lane !== 'track' && format.businessDate(item.createdAt) === day)
      .sortBy('id');
    return rows.reverse();
  }

  private age(at: number | null): string {
    return at === null ? this.t('app.noData') : format.timeToday(at);
  }
}
