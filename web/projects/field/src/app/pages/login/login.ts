import { ChangeDetectionStrategy, Component, inject, input, signal } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule } from '@angular/forms';
import { Router } from '@angular/router';
import { ApiProblem, AuthStore, Language, format, problemText } from '@dms/shared';
import { deviceId } from '../../core/device-id';
import { openApp } from '../../core/open-app';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';

@Component({
  selector: 'fld-login',
  imports: [ReactiveFormsModule, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <main>
      <header>
        <img src="icons/icon-192.png" width="72" height="72" alt="" />
        <h1>DILIGO DMS</h1>
        <p class="soft">{{ t('login.title') }}</p>
      </header>
      <form class="stack" [formGroup]="form" (ngSubmit)="submit()">
        @if (auth.endReason() === 'expired') {
          <p class="notice warn" role="status">
            <fld-icon name="warn" /><span>{{ t('login.expired') }}</span>
          </p>
        }
        <div class="field">
          <label for="username">{{ t('common.username') }}</label>
          <input
            id="username"
            class="input"
            formControlName="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            enterkeyhint="next"
          />
        </div>
        <div class="field">
          <label for="password">{{ t('common.password') }}</label>
          <div class="secret">
            <input
              id="password"
              class="input"
              formControlName="password"
              [type]="visible() ? 'text' : 'password'"
              autocomplete="current-password"
              autocapitalize="none"
              enterkeyhint="go"
            />
            <button
              type="button"
              class="icon-btn"
              [attr.aria-label]="t(visible() ? 'login.hide' : 'login.show')"
              [attr.aria-pressed]="visible()"
              (click)="visible.set(!visible())"
            >
              <fld-icon name="eye" />
            </button>
          </div>
        </div>
        @if (error(); as text) {
          <p class="notice bad" role="alert">
            <fld-icon name="warn" /><span>{{ text }}</span>
          </p>
        }
        <button type="submit" class="btn primary big wide" [disabled]="busy()">
          {{ t(busy() ? 'login.working' : 'common.login') }}
        </button>
        <button type="button" class="btn plain" (click)="switchLanguage()">
          {{ language.current() === 'vi' ? 'English' : 'Tiếng Việt' }}
        </button>
      </form>
    </main>
  `,
  styles: `
    :host {
      display: block;
      min-height: 100dvh;
      background: var(--paper);
    }
    main {
      max-width: 440px;
      margin: 0 auto;
      padding: 12dvh 20px 24px;
    }
    header {
      display: grid;
      justify-items: center;
      margin-bottom: 28px;
    }
    h1 {
      margin-top: 12px;
      font-size: 24px;
    }
    .secret {
      position: relative;
    }
    .secret .input {
      padding-right: 52px;
    }
    .secret .icon-btn {
      position: absolute;
      right: 0;
      top: 1px;
    }
  `,
})
export class Login {
  private readonly router = inject(Router);
  protected readonly auth = inject(AuthStore);
  protected readonly language = inject(Language);
  protected readonly t = injectT();
  /** Where to go afterwards. */
  readonly to = input<string>();

  protected readonly form = new FormGroup({
    username: new FormControl('', { nonNullable: true }),
    password: new FormControl('', { nonNullable: true }),
  });
  protected readonly busy = signal(false);
  protected readonly visible = signal(false);
  protected readonly error = signal<string | null>(null);

  protected async submit(): Promise<void> {
    const { username, password } = this.form.getRawValue();
    if (!username.trim() || !password) {
      this.error.set(this.t('login.missing'));
      return;
    }
    this.busy.set(true);
    this.error.set(null);
    try {
      const user = await this.auth.login(username.trim(), password, deviceId());
      if (!user.permissions.includes('visits.create')) {
        await this.auth.logout();
        this.error.set(this.t('login.notRep'));
        return;
      }
      if (user.mustChangePassword) {
        // In this page, which still knows the password just typed.
        await this.router.navigate(['/password'], { queryParams: { to: this.to() } });
        return;
      }
      openApp(this.to());
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.error.set(this.textOf(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected switchLanguage(): void {
    this.language.use(this.language.current() === 'vi' ? 'en' : 'vi');
  }

  private textOf(problem: ApiProblem): string {
    if (problem.code.includes('locked')) {
      const until = problem.members['lockedUntil'];
      return typeof until === 'string'
        ? this.t('login.locked', { time: format.time(until) })
        : this.t('login.lockedShort');
    }
    if (problem.status === 401) return this.t('login.failed');
    return problemText(problem, this.t);
  }
}
