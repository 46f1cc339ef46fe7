import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { format } from '@dms/shared';
import { type OutboxItem, isOver } from '../../core/outbox-item';
import { injectT } from '../../i18n/texts';
import { ItemState } from '../../ui/item-state';

/** One outbox item in words: what, where, when, how it stands, why not. */
@Component({
  selector: 'fld-item-row',
  imports: [ItemState],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let i = item();
    <div class="row">
      <span class="grow">
        <strong>{{ what() }}</strong>
        @if (i.label) {
          · {{ i.label }}
        }
      </span>
      <span class="soft num">{{ when() }}</span>
    </div>
    <div class="row state">
      <fld-item-state [item]="i.id" />
      @if (number(); as text) {
        <span class="num strong">{{ text }}</span>
      }
      @if (i.attempts > 1 && i.state !== 'sent') {
        <span class="soft">{{ t('sync.attempts', { n: i.attempts }) }}</span>
      }
    </div>
    @if (blocked()) {
      <p class="soft">{{ t('sync.blocked') }}</p>
    } @else if (reason(); as text) {
      <p [class.why]="i.state === 'refused'" [class.soft]="i.state !== 'refused'">{{ text }}</p>
    }
    @if (reopened()) {
      <p class="soft">{{ t('sync.reopened') }}</p>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 4px;
      padding: 10px 0;
    }
    .state {
      flex-wrap: wrap;
    }
    .why {
      color: var(--bad);
      font-weight: 600;
    }
  `,
})
export class ItemRow {
  protected readonly t = injectT();
  readonly item = input.required<OutboxItem>();
  /** It waits for something that was refused. */
  readonly blocked = input(false);

  protected readonly what = computed(() => this.t(`sync.kind.${this.item().kind}`));
  protected readonly when = computed(() => format.timeToday(this.item().createdAt));
  protected readonly number = computed(() => {
    const result = this.item().result as { orderNumber?: string } | null;
    return result?.orderNumber ?? null;
  });
  protected readonly reopened = computed(() => {
    const { kind, state, error } = this.item();
    return kind === 'visit.checkOut' && state === 'refused' && !isOver(error);
  });
  protected readonly reason = computed(() => {
    const { error, state } = this.item();
    if (!error || state === 'sent') return null;
    if (error.code === 'photo_missing') return this.t('sync.error.photo_missing');
    return error.message;
  });
}
