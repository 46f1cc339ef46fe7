import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { FormControl, FormGroup, ReactiveFormsModule, Validators } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from '@angular/material/dialog';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { MatSelectModule } from '@angular/material/select';
import { ApiProblem, format, injectTranslate, uuid7 } from '@dms/shared';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { ProblemNotice } from '../../ui/problem-notice';
import { OpenItem, allocateOldestFirst, parseAmount } from './allocation';
import { PaymentMethod, ReceiptMade, ReceivablesApi } from './receivables.api';

export interface CollectFrom {
  readonly customerId: string;
  readonly customerName: string;
  readonly balance: number;
  readonly open: readonly OpenItem[];
}

/** Thu nợ: takes an amount, shows which documents it will pay, then what the server did with it. */
@Component({
  selector: 'dms-collect-dialog',
  imports: [
    ReactiveFormsModule,
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemNotice,
  ],
  templateUrl: './collect-dialog.html',
  styleUrl: './collect-dialog.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CollectDialog {
  private readonly api = inject(ReceivablesApi);
  private readonly feedback = inject(Feedback);
  private readonly self = inject<MatDialogRef<CollectDialog, boolean>>(MatDialogRef);
  protected readonly from = inject<CollectFrom>(MAT_DIALOG_DATA);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;

  // Made once: sending the same receipt again after a lost answer must not take the money twice.
  private readonly receiptId = uuid7();
  protected readonly form = new FormGroup({
    amount: new FormControl(format.number(Math.max(0, this.from.balance)), {
      nonNullable: true,
      validators: [Validators.required, (c) => (parseAmount(c.value) ? null : { amount: true })],
    }),
    method: new FormControl<PaymentMethod>('cash', { nonNullable: true }),
    note: new FormControl('', { nonNullable: true }),
  });
  private readonly typed = toSignal(this.form.controls.amount.valueChanges, {
    initialValue: this.form.controls.amount.value,
  });
  protected readonly plan = computed(() =>
    allocateOldestFirst(this.from.open, parseAmount(this.typed()) ?? 0),
  );
  protected readonly busy = signal(false);
  protected readonly refusal = signal<ApiProblem | null>(null);
  protected readonly receipt = signal<ReceiptMade | null>(null);

  protected tidyAmount(): void {
    const amount = parseAmount(this.form.controls.amount.value);
    if (amount) this.form.controls.amount.setValue(format.number(amount));
  }

  protected async submit(): Promise<void> {
    const amount = parseAmount(this.form.controls.amount.value);
    if (this.form.invalid || !amount || this.busy()) return;
    this.busy.set(true);
    this.refusal.set(null);
    try {
      const { method, note } = this.form.getRawValue();
      this.receipt.set(
        await this.api.collect({
          id: this.receiptId,
          customerId: this.from.customerId,
          amount,
          method,
          note: note.trim(),
        }),
      );
      this.self.disableClose = true; // only the button below tells the list that money came in
    } catch (error) {
      if (error instanceof ApiProblem && error.status >= 400 && error.status < 500) {
        this.refusal.set(error);
      } else {
        this.feedback.failed(error);
      }
    } finally {
      this.busy.set(false);
    }
  }

  protected finish(): void {
    this.self.close(true);
  }
}
