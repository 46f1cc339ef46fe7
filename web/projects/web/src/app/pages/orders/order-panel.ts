import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { Router } from '@angular/router';
import { ApiProblem, AuthStore, format, injectHubEvent, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { load } from '../../core/load';
import { Confirm } from '../../ui/confirm';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { State } from '../../ui/state';
import { statusText } from '../../ui/status-text';
import { orderTone } from '../../ui/status-tone';
import { InvoicesApi } from '../invoices/invoices.api';
import { OrdersApi } from './orders.api';

/** One order beside the list: lines, totals, history, and what may be done with it now. */
@Component({
  selector: 'dms-order-panel',
  imports: [MatButtonModule, Icon, ProblemNotice, State],
  templateUrl: './order-panel.html',
  styleUrl: './order-panel.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class OrderPanel {
  readonly orderId = input.required<string>();
  readonly closed = output();
  /** Something was done with the order: the list is out of date. */
  readonly changed = output();

  private readonly api = inject(OrdersApi);
  private readonly invoices = inject(InvoicesApi);
  private readonly auth = inject(AuthStore);
  private readonly confirm = inject(Confirm);
  private readonly feedback = inject(Feedback);
  private readonly router = inject(Router);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly tone = orderTone;

  protected readonly order = load(
    () => this.orderId(),
    (id) => this.api.detail(id),
  );
  protected readonly busy = signal(false);
  protected readonly refusal = signal<ApiProblem | null>(null);
  protected readonly mayDecide = computed(
    () => this.auth.can('orders.approve') && this.order.value()?.status === 'Pending',
  );
  protected readonly mayInvoice = computed(
    () => this.auth.can('invoices.manage') && this.order.value()?.status === 'Approved',
  );

  /** The customer's credit is the only thing in the way, and this account may decide about it. */
  protected readonly mayOverride = computed(
    () => this.refusal()?.code === 'orders.credit_exceeded' && this.auth.can('invoices.manage'),
  );

  constructor() {
    effect(() => {
      this.orderId();
      this.refusal.set(null);
    });
    injectHubEvent('OrderStatusChanged', (event) => {
      if (event.orderId === this.orderId()) this.order.reload();
    });
  }

  protected status(status: string): string {
    return statusText(status, this.t);
  }

  protected async approve(overrideCredit = false): Promise<void> {
    await this.act(async () => {
      await this.api.approve(this.orderId(), overrideCredit);
      this.feedback.done(this.t('orders.approved'));
    });
  }

  protected async reject(): Promise<void> {
    const reason = await this.confirm.reason({
      title: this.t('orders.rejectTitle'),
      reason: this.t('orders.reason'),
      yes: this.t('orders.reject'),
    });
    if (reason === null) return;
    await this.act(async () => {
      await this.api.reject(this.orderId(), reason);
      this.feedback.done(this.t('orders.rejected'));
    });
  }

  protected async invoice(): Promise<void> {
    await this.act(async () => {
      const invoice = await this.invoices.create([this.orderId()]);
      this.feedback.done(this.t('invoices.created', { number: invoice.invoiceNumber }));
      await this.router.navigate(['/invoices'], { queryParams: { invoice: invoice.invoiceId } });
    });
  }

  /** A refusal stays in the panel (it names the lines); any other failure is a passing message. */
  private async act(work: () => Promise<void>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.refusal.set(null);
    try {
      await work();
      this.changed.emit();
    } catch (error) {
      if (error instanceof ApiProblem && (error.status === 409 || error.status === 422)) {
        this.refusal.set(error);
      } else {
        this.feedback.failed(error);
      }
    } finally {
      this.busy.set(false);
      this.order.reload();
    }
  }
}
