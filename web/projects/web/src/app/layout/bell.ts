import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatMenuModule } from '@angular/material/menu';
import { Router } from '@angular/router';
import { Hub, Language, format, injectHubEvent, injectTranslate, problemText } from '@dms/shared';
import { webDict } from '../core/dict';
import { Feedback } from '../core/feedback';
import { load } from '../core/load';
import { Icon } from '../ui/icon';
import { Notification, NotificationsApi } from './notifications.api';

/** So many are shown; older ones are history. */
const SHOWN = 20;

/** How much is new, and the latest of what one was told. */
@Component({
  selector: 'dms-bell',
  imports: [MatButtonModule, MatMenuModule, Icon],
  templateUrl: './bell.html',
  styleUrl: './bell.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Bell {
  private readonly api = inject(NotificationsApi);
  private readonly hub = inject(Hub);
  private readonly language = inject(Language);
  private readonly router = inject(Router);
  private readonly feedback = inject(Feedback);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;

  /** Read again after a break of the line, and in the language that was chosen. */
  protected readonly inbox = load(
    () => ({ breaks: this.hub.reconnects(), language: this.language.current() }),
    () => this.api.latest(SHOWN),
  );
  protected readonly rows = computed(() => this.inbox.value()?.data ?? []);
  protected readonly unread = computed(() => this.inbox.value()?.unreadCount ?? 0);
  protected readonly trouble = computed(() => {
    const error = this.inbox.error();
    return error && problemText(error, this.t);
  });
  protected readonly badge = computed(() => (this.unread() > 99 ? '99+' : `${this.unread()}`));

  constructor() {
    injectHubEvent('NotificationReceived', () => this.inbox.reload());
  }

  /** Opens what it is about, where there is a screen for it. */
  protected async open(row: Notification): Promise<void> {
    if (row.aboutId && row.kind.startsWith('order_')) {
      void this.router.navigate(['/orders'], { queryParams: { order: row.aboutId } });
    }
    if (row.readAt) return;
    await this.marked(this.api.read(row.notificationId));
  }

  protected async readAll(): Promise<void> {
    const newest = this.rows()[0];
    if (!newest) return;
    await this.marked(this.api.readAll(newest.notificationId));
  }

  private async marked(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      this.feedback.failed(error);
    }
    this.inbox.reload();
  }
}
