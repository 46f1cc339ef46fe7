import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { SwUpdate } from '@angular/service-worker';
import { AuthStore, Language, type StorageState, format, keepStorage } from '@dms/shared';
import { Day } from '../../core/day';
import { deviceId } from '../../core/device-id';
import { FieldStore } from '../../core/field-store';
import { live } from '../../core/live';
import { openApp } from '../../core/open-app';
import { Position } from '../../core/position';
import { Sync } from '../../core/sync';
import { VERSION } from '../../core/version';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { Sheet } from '../../ui/sheet';
import { TopBar } from '../../ui/top-bar';

/** Who is logged in, the language, what support asks for, and the way out. */
@Component({
  selector: 'fld-me',
  imports: [RouterLink, TopBar, Icon, Sheet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fld-top-bar [title]="t('me.title')" />
    <div class="page stack">
      <section class="card stack">
        <h2>{{ user.fullName }}</h2>
        <dl class="facts">
          <dt>{{ t('me.code') }}</dt>
          <dd>{{ user.username }}</dd>
          <dt>{{ t('me.role') }}</dt>
          <dd>{{ role() }}</dd>
          <dt>{{ t('me.distributor') }}</dt>
          <dd>{{ user.distributorName }}</dd>
        </dl>
      </section>

      <fieldset class="card stack">
        <legend class="visually-hidden">{{ t('common.language') }}</legend>
        <div class="segments">
          @for (lang of languages; track lang.id) {
            <label>
              <input
                type="radio"
                name="language"
                [value]="lang.id"
                [checked]="language.current() === lang.id"
                (change)="language.use(lang.id)"
              />
              {{ lang.name }}
            </label>
          }
        </div>
      </fieldset>

      <details class="card">
        <summary class="strong">{{ t('me.technical') }}</summary>
        <dl class="facts">
          <dt>{{ t('me.version') }}</dt>
          <dd>{{ version }}</dd>
          <dt>{{ t('me.network') }}</dt>
          <dd>{{ t(sync.online() ? 'me.online' : 'me.offline') }}</dd>
          <dt>{{ t('me.worker') }}</dt>
          <dd>{{ t(worker ? 'me.yes' : 'me.no') }}</dd>
          @if (storage(); as s) {
            <dt>{{ t('me.storage') }}</dt>
            <dd class="num">{{ megabytes(s.usage) }} / {{ megabytes(s.quota) }} MB</dd>
            <dt>{{ t('me.persisted') }}</dt>
            <dd>{{ t(s.persisted ? 'me.yes' : 'me.no') }}</dd>
          }
          @if (position.fix(); as fix) {
            <dt>{{ t('me.gps') }}</dt>
            <dd class="num">
              {{ fix.latitude.toFixed(5) }}, {{ fix.longitude.toFixed(5) }} ±{{
                round(fix.accuracy)
              }}
              m
            </dd>
          }
          <dt>{{ t('me.points') }}</dt>
          <dd class="num">{{ points() }}</dd>
          @if (pointsRefused() > 0) {
            <dt>{{ t('me.pointsRefused') }}</dt>
            <dd class="num">{{ pointsRefused() }}</dd>
          }
        </dl>
        <p class="soft device">{{ t('me.device') }}</p>
        <p class="device">{{ device }}</p>
      </details>

      <a class="btn big wide" routerLink="/password">{{ t('password.title') }}</a>

      <button type="button" class="btn danger big wide" (click)="leaving.set(true)">
        <fld-icon name="logout" />{{ t('common.logout') }}
      </button>
    </div>

    @if (leaving()) {
      <fld-sheet [title]="t('me.logoutTitle')" (dismissed)="leaving.set(false)">
        @if (sync.open().length > 0) {
          <p class="notice warn" role="alert">
            <fld-icon name="warn" />
            <span>{{ t('me.logoutWaiting', { n: sync.open().length }) }}</span>
          </p>
        } @else {
          <p class="notice ok">
            <fld-icon name="checks" /><span>{{ t('me.logoutClean') }}</span>
          </p>
        }
        @if (day.openVisit(); as visit) {
          <p class="notice warn">
            <fld-icon name="store" />
            <span>{{ t('me.logoutOpenVisit', { name: visit.customerName }) }}</span>
          </p>
        }
        <div class="row">
          <button type="button" class="btn big grow" (click)="leaving.set(false)">
            {{ t('me.stay') }}
          </button>
          <button type="button" class="btn danger big grow" [disabled]="busy()" (click)="logout()">
            {{ t('common.logout') }}
          </button>
        </div>
      </fld-sheet>
    }
  `,
  styles: `
    summary {
      display: flex;
      align-items: center;
      min-height: 48px;
      margin: -8px 0;
      cursor: pointer;
    }
    .device {
      overflow-wrap: anywhere;
    }
    .device.soft {
      margin-top: 6px;
    }
    details[open] summary {
      margin-bottom: 4px;
    }
  `,
})
export class Me {
  private readonly auth = inject(AuthStore);
  private readonly store = inject(FieldStore);
  protected readonly sync = inject(Sync);
  protected readonly day = inject(Day);
  protected readonly position = inject(Position);
  protected readonly language = inject(Language);
  protected readonly t = injectT();
  protected readonly number = format.number;
  protected readonly round = Math.round;

  protected readonly user = this.store.user;
  protected readonly version = VERSION;
  protected readonly device = deviceId();
  protected readonly worker = inject(SwUpdate).isEnabled && !!navigator.serviceWorker?.controller;
  protected readonly languages = [
    { id: 'vi', name: 'Tiếng Việt' },
    { id: 'en', name: 'English' },
  ] as const;

  protected readonly storage = signal<StorageState | null>(null);
  protected readonly points = live(() => this.store.db.points.count(), 0);
  protected readonly pointsRefused = live(
    () => this.store.db.outbox.where('[lane+state]').equals(['track', 'refused']).count(),
    0,
  );
  protected readonly leaving = signal(false);
  protected readonly busy = signal(false);

  constructor() {
    void keepStorage().then((state) => this.storage.set(state));
  }

  protected role(): string {
    return this.t(`role.${this.user.role}`);
  }

  protected megabytes(bytes: number): string {
    return format.number(Math.round(bytes / 1_000_000));
  }

  protected async logout(): Promise<void> {
    this.busy.set(true);
    // The session here ends at once; the server is told as far as the network allows.
    const patience = new Promise((resolve) => setTimeout(resolve, 3_000));
    await Promise.race([this.auth.logout(), patience]);
    openApp('/login');
  }
}
