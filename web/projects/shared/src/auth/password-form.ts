import { Injectable, computed, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { FormControl, FormGroup } from '@angular/forms';
import { ApiClient } from '../api/api-client';
import { ApiProblem } from '../api/problem';
import { type CommonKey, common, problemText } from '../i18n/common';
import { injectTranslate } from '../i18n/i18n';
import { AuthStore } from './auth-store';

interface Rule {
  readonly text: CommonKey;
  readonly met: (password: string) => boolean;
}

/** What the server asks of a password and can be told while it is typed. */
const RULES: readonly Rule[] = [
  { text: 'password.rule.length', met: (password) => [...password].length >= 8 },
  { text: 'password.rule.upper', met: (password) => /\p{Lu}/u.test(password) },
  { text: 'password.rule.lower', met: (password) => /\p{Ll}/u.test(password) },
  { text: 'password.rule.digit', met: (password) => /[0-9]/.test(password) },
  { text: 'password.rule.special', met: (password) => /[^\p{L}\p{N}\p{M}\s\p{C}]/u.test(password) },
];

const text = () => new FormControl('', { nonNullable: true });

/** The form in which users change their own password; each app provides it to its screen. */
@Injectable()
export class PasswordForm {
  private readonly auth = inject(AuthStore);
  private readonly api = inject(ApiClient);
  private readonly t = injectTranslate(common);

  readonly group = new FormGroup({ current: text(), fresh: text(), again: text() });
  private readonly values = toSignal(this.group.valueChanges, { initialValue: this.group.value });
  private readonly sending = signal(false);
  private readonly refusal = signal<CommonKey | ApiProblem | null>(null);

  readonly busy = this.sending.asReadonly();
  /** Right after the login the present password is known. */
  readonly asksCurrent = computed(() => this.auth.typedPassword() === null);
  /** The rules and whether the new password, as far as it is typed, meets them. */
  readonly rules = computed(() => {
    const fresh = this.values().fresh ?? '';
    return RULES.map((rule) => ({ text: rule.text, met: rule.met(fresh) }));
  });
  /** Why the password was not changed; empty while there is nothing to say. */
  readonly message = computed(() => {
    const refusal = this.refusal();
    if (refusal === null) return '';
    return refusal instanceof ApiProblem ? problemText(refusal, this.t) : this.t(refusal);
  });

  /** Whether the password was changed; if not, `message` says why. */
  async submit(): Promise<boolean> {
    if (this.busy()) return false;
    const { current, fresh, again } = this.group.getRawValue();
    const currentPassword = this.auth.typedPassword() ?? current;
    if (!currentPassword) return this.refuse('password.needCurrent');
    if (!this.rules().every((rule) => rule.met)) return this.refuse('password.weak');
    if (fresh !== again) return this.refuse('password.differs');
    this.refusal.set(null);
    this.sending.set(true);
    try {
      const body = { currentPassword, newPassword: fresh };
      await this.api.http.PUT('/api/v1/auth/password', { body });
      this.auth.setMustChangePassword(false);
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.code === 'auth.wrong_password') this.auth.forgetTypedPassword();
      return this.refuse(error);
    } finally {
      this.sending.set(false);
    }
  }

  private refuse(why: CommonKey | ApiProblem): false {
    this.refusal.set(why);
    return false;
  }
}
