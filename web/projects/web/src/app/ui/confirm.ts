import { ChangeDetectionStrategy, Component, Injectable, inject } from '@angular/core';
import { FormControl, ReactiveFormsModule, Validators } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import {
  MAT_DIALOG_DATA,
  MatDialog,
  MatDialogModule,
  MatDialogRef,
} from '@angular/material/dialog';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { firstValueFrom } from 'rxjs';
import { injectTranslate } from '@dms/shared';
import { webDict } from '../core/dict';

export interface Question {
  readonly title: string;
  readonly text?: string;
  readonly yes: string;
  /** Asks for a reason under this label; without one the answer can't be given. */
  readonly reason?: string;
}

/** Asks before something that can't be taken back; gives the reason, or null when called off. */
@Injectable({ providedIn: 'root' })
export class Confirm {
  private readonly dialog = inject(MatDialog);

  async ask(question: Question): Promise<boolean> {
    return (await this.reason(question)) !== null;
  }

  async reason(question: Question): Promise<string | null> {
    const opened = this.dialog.open<ConfirmDialog, Question, string>(ConfirmDialog, {
      data: question,
      width: '440px',
    });
    return (await firstValueFrom(opened.afterClosed())) ?? null;
  }
}

@Component({
  selector: 'dms-confirm-dialog',
  imports: [
    ReactiveFormsModule,
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
  ],
  template: `
    <h2 mat-dialog-title>{{ question.title }}</h2>
    <mat-dialog-content>
      @if (question.text) {
        <p>{{ question.text }}</p>
      }
      @if (question.reason; as label) {
        <mat-form-field>
          <mat-label>{{ label }}</mat-label>
          <textarea matInput rows="3" maxlength="500" cdkFocusInitial [formControl]="reason">
          </textarea>
          <mat-error>{{ t('confirm.needReason') }}</mat-error>
        </mat-form-field>
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      <button mat-button type="button" mat-dialog-close>{{ t('common.cancel') }}</button>
      <button mat-flat-button type="button" (click)="answer()">{{ question.yes }}</button>
    </mat-dialog-actions>
  `,
  styles: `
    mat-form-field {
      width: 100%;
      margin-top: 8px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConfirmDialog {
  private readonly self = inject<MatDialogRef<ConfirmDialog, string>>(MatDialogRef);
  protected readonly question = inject<Question>(MAT_DIALOG_DATA);
  protected readonly t = injectTranslate(webDict);
  protected readonly reason = new FormControl('', {
    nonNullable: true,
    validators: this.question.reason ? [Validators.required, Validators.pattern(/\S/)] : [],
  });

  protected answer(): void {
    if (this.reason.invalid) this.reason.markAsTouched();
    else this.self.close(this.reason.value.trim());
  }
}
