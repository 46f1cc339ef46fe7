import { ChangeDetectionStrategy, Component, computed, effect, inject } from '@angular/core';
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { AuthStore, keepStorage } from '@dms/shared';
import { openApp } from './core/open-app';
import { OrderNews } from './core/order-news';
import { Sync } from './core/sync';
import { tidy } from './core/tidy';
import { FieldStore } from './core/field-store';
import { Tracking } from './core/tracking';
import { injectT } from './i18n/texts';
import { Icon, type IconName } from './ui/icon';
import type { TextKey } from './i18n/texts';

const TABS: readonly { path: string; icon: IconName; text: TextKey }[] = [
  { path: '/today', icon: 'today', text: 'nav.today' },
  { path: '/orders', icon: 'orders', text: 'nav.orders' },
  { path: '/sync', icon: 'sync', text: 'nav.sync' },
  { path: '/me', icon: 'me', text: 'nav.me' },
];

/** Everything behind the login. Screens with an action of their own hide the bottom bar. */
@Component({
  selector: 'fld-shell',
  imports: [RouterOutlet, RouterLink, RouterLinkActive, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (!auth.loggedIn()) {
      <a class="notice warn over" routerLink="/login">
        <fld-icon name="warn" /><span>{{ t('app.sessionOver') }}</span>
      </a>
    }
    <main [class.with-nav]="showNav()">
      <router-outlet />
    </main>
    @if (showNav()) {
      <nav [attr.aria-label]="t('nav.main')">
        @for (tab of tabs; track tab.path) {
          <a [routerLink]="tab.path" routerLinkActive="active" ariaCurrentWhenActive="page">
            <span class="mark">
              <fld-icon [name]="tab.icon" />
              @if (tab.path === '/sync' && badge() > 0) {
                <span class="badge" [class.bad]="sync.refused().length > 0">{{ badge() }}</span>
              }
            </span>
            {{ t(tab.text) }}
          </a>
        }
      </nav>
    }
  `,
  styles: `
    .over {
      border-radius: 0;
      text-decoration: none;
      font-weight: 600;
    }
    main.with-nav {
      display: block;
      padding-bottom: calc(var(--nav) + env(safe-area-inset-bottom));
    }
    nav {
      position: fixed;
      inset: auto 0 0;
      z-index: 6;
      display: grid;
      grid-template-columns: repeat(4, 1fr);
      background: var(--paper);
      border-top: 1px solid var(--line);
      padding-bottom: env(safe-area-inset-bottom);
    }
    a {
      text-decoration: none;
    }
    nav a {
      display: grid;
      justify-items: center;
      align-content: center;
      min-height: var(--nav);
      color: var(--ink-2);
    }
    nav a.active {
      color: var(--brand);
      font-weight: 600;
    }
    .mark {
      position: relative;
      display: grid;
      place-items: center;
      width: 56px;
      height: 32px;
      border-radius: 16px;
    }
    .active .mark {
      background: var(--brand-soft);
    }
    .badge {
      position: absolute;
      top: -2px;
      left: 32px;
      min-width: 22px;
      padding: 0 5px;
      border-radius: 11px;
      background: var(--warn);
      color: #fff;
      font-weight: 600;
      line-height: 22px;
      text-align: center;
    }
    .badge.bad {
      background: var(--bad);
    }
  `,
})
export class Shell {
  private readonly router = inject(Router);
  protected readonly auth = inject(AuthStore);
  protected readonly sync = inject(Sync);
  protected readonly t = injectT();
  protected readonly tabs = TABS;
  protected readonly badge = computed(
    () => this.sync.refused().length || this.sync.waiting().length,
  );
  protected readonly showNav = computed(() => {
    const url = this.router.lastSuccessfulNavigation()?.finalUrl;
    const segments = url?.root.children['primary']?.segments ?? [];
    return segments.length === 1 && TABS.some((tab) => tab.path === `/${segments[0].path}`);
  });

  constructor() {
    effect(() => {
      if (!this.auth.mustChangePassword()) return;
      void this.router.navigate(['/password'], { queryParams: { to: this.router.url } });
    });
    const store = inject(FieldStore);
    effect(() => {
      // Another window logged in as somebody else, whose day and queue are not those of this page.
      const user = this.auth.user();
      if (user && user.userId !== store.user.userId) openApp();
    });
    void keepStorage(); // what waits here is nowhere else
    inject(Tracking);
    inject(OrderNews);
    void tidy(store.db).then(() => this.sync.now());
  }
}
