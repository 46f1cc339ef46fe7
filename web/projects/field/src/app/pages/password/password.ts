import { ChangeDetectionStrategy, Component, effect, inject, input, signal } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { Router } from '@angular/router';
import { AuthStore, Language, PasswordForm } from '@dms/shared';
import { openApp } from '../../core/open-app';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { Toast } from '../../ui/toast';

/** Changing one's own password: on demand, or because somebody else set it. */
@Component({
  selector: 'fld-password',
  imports: [ReactiveFormsModule, Icon],
  providers: [PasswordForm],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './password.html',
  styles: `
    :host {
      display: block;
      min-height: 100dvh;
      background: var(--paper);
    }
    main {
      max-width: 440px;
      margin: 0 auto;
      padding: 6dvh 20px 24px;
    }
    h1 {
      margin-bottom: 16px;
      font-size: 24px;
    }
    li {
      display: flex;
      align-items: center;
      gap: 8px;
      min-height: 28px;
      color: var(--ink-2);
    }
    li.met {
      color: var(--ok);
    }
    .dot {
      width: 24px;
      text-align: center;
    }
  `,
})
export class Password {
  private readonly auth = inject(AuthStore);
  private readonly router = inject(Router);
  private readonly toast = inject(Toast);
  protected readonly language = inject(Language);
  protected readonly password = inject(PasswordForm);
  protected readonly t = injectT();
  /** Where to go afterwards. */
  readonly to = input<string>();

  protected readonly due = this.auth.mustChangePassword();
  protected readonly username = this.auth.user()?.username ?? '';
  protected readonly visible = signal(false);

  constructor() {
    effect(() => {
      if (this.auth.loggedIn()) return;
      void this.router.navigate(['/login'], {
        queryParams: this.auth.endReason() ? { to: this.to() } : {},
      });
    });
  }

  protected async submit(): Promise<void> {
    if (!(await this.password.submit())) return;
    this.toast.show(this.t('password.done'));
    // After a login the app is a new page, as the login screen would have opened it.
    if (this.due) openApp(this.to());
    else this.back();
  }

  protected back(): void {
    void this.router.navigateByUrl('/me', { replaceUrl: true });
  }

  protected logout(): void {
    void this.auth.logout();
  }

  protected switchLanguage(): void {
    this.language.use(this.language.current() === 'vi' ? 'en' : 'vi');
  }
}
