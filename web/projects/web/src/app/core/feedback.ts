import { Injectable, inject } from '@angular/core';
import { MatSnackBar } from '@angular/material/snack-bar';
import { ApiProblem, injectTranslate, problemText } from '@dms/shared';
import { webDict } from './dict';

/** Short messages at the foot of the screen. */
@Injectable({ providedIn: 'root' })
export class Feedback {
  private readonly bar = inject(MatSnackBar);
  private readonly t = injectTranslate(webDict);

  done(message: string): void {
    this.bar.open(message, undefined, { duration: 4000 });
  }

  /** Says why a call failed; anything else than a problem of the server is a bug and goes on up. */
  failed(error: unknown): void {
    if (!(error instanceof ApiProblem)) throw error;
    this.bar.open(problemText(error, this.t), this.t('common.close'), { duration: 10000 });
  }
}
