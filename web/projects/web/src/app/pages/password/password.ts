import { ChangeDetectionStrategy, Component, effect, inject, input } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { Router } from '@angular/router';
import { AuthStore, Lang, Language, PasswordForm, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { insidePath } from '../../core/inside-path';
import { Icon } from '../../ui/icon';

/** Changing one's own password: on demand, or because somebody else set it. */
@Component({
  selector: 'dms-password',
  imports: [ReactiveFormsModule, MatButtonModule, MatFormFieldModule, MatInputModule, Icon],
  providers: [PasswordForm],
  templateUrl: './password.html',
  styleUrls: ['../login/login.scss', './password.scss'],
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Password {
  /** Where to go afterwards (query parameter). */
  readonly next = input<string>();

  private readonly auth = inject(AuthStore);
  private readonly router = inject(Router);
  private readonly feedback = inject(Feedback);
  private readonly language = inject(Language);
  protected readonly password = inject(PasswordForm);
  protected readonly t = injectTranslate(webDict);

  protected readonly lang = this.language.current;
  protected readonly due = this.auth.mustChangePassword();
  protected readonly username = this.auth.user()?.username ?? '';

  constructor() {
    effect(() => {
      if (this.auth.loggedIn()) return;
      const next = this.next();
      void this.router.navigate(['/login'], {
        queryParams: this.auth.endReason() && next ? { next } : {},
      });
    });
  }

  protected async submit(): Promise<void> {
    if (!(await this.password.submit())) return;
    this.feedback.done(this.t('password.done'));
    this.goOn();
  }

  protected goOn(): void {
    void this.router.navigateByUrl(insidePath(this.next()));
  }

  protected logout(): void {
    void this.auth.logout();
  }

  protected use(lang: Lang): void {
    this.language.use(lang);
  }
}
