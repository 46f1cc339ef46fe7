import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { ApiProblem, injectTranslate, problemText } from '@dms/shared';
import { webDict } from '../core/dict';

/** The place of content that is not there: on its way, failed (with a retry), or simply none. */
@Component({
  selector: 'dms-state',
  imports: [MatButtonModule],
  template: `
    @if (error(); as problem) {
      <div class="notice bad" role="alert">
        <span>{{ message() }}</span>
        @if (problem.traceId) {
          <small>{{ t('state.trace', { id: problem.traceId }) }}</small>
        }
        <button mat-stroked-button type="button" (click)="retry.emit()">
          {{ t('common.retry') }}
        </button>
      </div>
    } @else if (loading()) {
      <div class="wait" role="status">
        <span class="cdk-visually-hidden">{{ t('common.loading') }}</span>
        @for (width of [92, 78, 85, 64]; track width) {
          <i [style.width.%]="width"></i>
        }
      </div>
    } @else {
      <p class="none">{{ empty() || t('common.noData') }}</p>
    }
  `,
  styles: `
    :host {
      display: block;
      padding: 14px;
    }
    .notice {
      display: flex;
      gap: 12px;
      align-items: center;
      flex-wrap: wrap;
    }
    .wait {
      display: grid;
      gap: 12px;
    }
    i {
      height: 12px;
      border-radius: 6px;
      background: var(--dms-head);
      animation: pulse 1.2s ease-in-out infinite alternate;
    }
    .none {
      margin: 18px 0;
      text-align: center;
      color: var(--dms-muted);
    }
    @keyframes pulse {
      to {
        background: #e2e8ef;
      }
    }
    @media (prefers-reduced-motion: reduce) {
      i {
        animation: none;
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class State {
  readonly loading = input(false);
  readonly error = input<ApiProblem | null>(null);
  readonly empty = input('');
  readonly retry = output();

  protected readonly t = injectTranslate(webDict);
  protected readonly message = computed(() => {
    const problem = this.error();
    return problem ? problemText(problem, this.t) : '';
  });
}
