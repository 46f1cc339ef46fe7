import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  signal,
  viewChild,
} from '@angular/core';
import {
  FormControl,
  FormGroup,
  FormGroupDirective,
  ReactiveFormsModule,
  Validators,
} from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { Router } from '@angular/router';
import {
  ApiProblem,
  AuthStore,
  Lang,
  Language,
  format,
  injectTranslate,
  problemText,
} from '@dms/shared';
import { deviceId } from '../../core/device-id';
import { webDict } from '../../core/dict';
import { insidePath } from '../../core/inside-path';

@Component({
  selector: 'dms-login',
  imports: [ReactiveFormsModule, MatButtonModule, MatFormFieldModule, MatInputModule],
  templateUrl: './login.html',
  styleUrl: './login.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Login {
  /** Where to go afterwards (query parameter). */
  readonly next = input<string>();

  private readonly auth = inject(AuthStore);
  private readonly router = inject(Router);
  private readonly language = inject(Language);
  protected readonly t = injectTranslate(webDict);

  protected readonly lang = this.language.current;
  protected readonly busy = signal(false);
  private readonly formGroup = viewChild.required(FormGroupDirective);
  private readonly problem = signal<ApiProblem | null>(null);
  protected readonly form = new FormGroup({
    username: new FormControl('', { nonNullable: true, validators: Validators.required }),
    password: new FormControl('', { nonNullable: true, validators: Validators.required }),
  });
  protected readonly message = computed(() => {
    const problem = this.problem();
    return problem ? this.explain(problem) : '';
  });
  protected readonly note = computed(() => {
    const reason = this.auth.endReason();
    return reason && !this.problem() ? this.t(`login.${reason}`) : '';
  });

  protected async submit(): Promise<void> {
    if (this.form.invalid || this.busy()) {
      this.form.markAllAsTouched();
      return;
    }
    const { username, password } = this.form.getRawValue();
    this.busy.set(true);
    try {
      await this.auth.login(username.trim(), password, deviceId());
      await this.router.navigateByUrl(insidePath(this.next()));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.problem.set(error);
      this.formGroup().resetForm({ username, password: '' }); // else it asks for a password at once
    } finally {
      this.busy.set(false);
    }
  }

  protected use(lang: Lang): void {
    this.language.use(lang);
  }

  private explain(problem: ApiProblem): string {
    if (problem.code.includes('locked')) {
      const until = problem.members['lockedUntil'];
      return typeof until === 'string'
        ? this.t('login.locked', { time: format.time(until) })
        : problem.detail || this.t('login.lockedShort');
    }
    if (problem.status === 401) return problem.detail || this.t('login.failed');
    return problemText(problem, this.t);
  }
}
