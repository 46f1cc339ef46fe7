import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Sync } from '../core/sync';
import { injectT } from '../i18n/texts';
import { Icon, type IconName } from './icon';

/** One look at the queue: all sent, so many waiting, something refused, no network. */
@Component({
  selector: 'fld-sync-chip',
  imports: [RouterLink, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <a routerLink="/sync" [class]="look().tone" [attr.aria-label]="look().text" role="status">
      <fld-icon [name]="look().icon" [size]="20" />
      @if (look().short; as short) {
        <span>{{ short }}</span>
      }
    </a>
  `,
  styles: `
    a {
      display: inline-flex;
      align-items: center;
      justify-content: center;
      gap: 6px;
      min-width: 48px;
      min-height: 48px;
      padding: 0 12px;
      border-radius: 24px;
      color: #fff;
      font-weight: 600;
      text-decoration: none;
      white-space: nowrap;
    }
    a.wait {
      background: #fff;
      color: var(--brand-dark);
      min-height: 40px;
    }
    a.bad {
      background: var(--bad-soft);
      color: var(--bad);
      min-height: 40px;
    }
  `,
})
export class SyncChip {
  private readonly sync = inject(Sync);
  private readonly t = injectT();

  protected readonly look = computed(
    (): { tone: string; icon: IconName; text: string; short: string } => {
      const refused = this.sync.refused().length;
      const waiting = this.sync.waiting().length;
      if (refused > 0) {
        const text = this.t('state.refusedCount', { n: refused });
        return { tone: 'bad', icon: 'warn', text, short: String(refused) };
      }
      const offline = !this.sync.online() || this.sync.stopped() === 'offline';
      if (waiting > 0) {
        const text = this.t('state.waiting', { n: waiting });
        return { tone: 'wait', icon: offline ? 'offline' : 'sync', text, short: text };
      }
      if (offline) {
        const text = this.t('state.offline');
        return { tone: 'wait', icon: 'offline', text, short: text };
      }
      return { tone: '', icon: 'checks', text: this.t('state.allSent'), short: '' };
    },
  );
}
