import {
  booleanAttribute,
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
} from '@angular/core';
import { FieldStore } from '../core/field-store';
import { liveFor } from '../core/live';
import type { OutboxState } from '../core/outbox-item';
import { injectT } from '../i18n/texts';
import { Icon, type IconName } from './icon';

/** "Saved on the phone" and "sent" are two different ticks. */
@Component({
  selector: 'fld-item-state',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styles: `
    .round {
      padding: 5px;
    }
  `,
  template: `
    @if (look(); as look) {
      <span class="chip" [class]="look.tone" [class.round]="compact()" [attr.data-state]="state()">
        <fld-icon [name]="look.icon" [size]="18" />
        <span [class.visually-hidden]="compact()">{{ look.text }}</span>
      </span>
    }
  `,
})
export class ItemState {
  private readonly db = inject(FieldStore).db;
  private readonly t = injectT();

  /** Id of the outbox item. */
  readonly item = input.required<string | null>();

  /** The icon alone, the words for screen readers. */
  readonly compact = input(false, { transform: booleanAttribute });

  protected readonly state = liveFor(
    this.item,
    async (id): Promise<OutboxState | null> =>
      id ? ((await this.db.outbox.get(id))?.state ?? 'sent') : null,
    null,
  );

  protected readonly look = computed((): { tone: string; icon: IconName; text: string } | null => {
    switch (this.state()) {
      case 'waiting':
        return { tone: 'warn', icon: 'phoneSaved', text: this.t('state.local') };
      case 'sending':
        return { tone: 'brand', icon: 'sync', text: this.t('state.sending') };
      case 'sent':
        return { tone: 'ok', icon: 'checks', text: this.t('state.sent') };
      case 'refused':
        return { tone: 'bad', icon: 'warn', text: this.t('state.refused') };
      case 'discarded':
        return { tone: '', icon: 'close', text: this.t('state.discarded') };
      case null:
        return null;
    }
  });
}
