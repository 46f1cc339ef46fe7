import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { ApiProblem, format, injectTranslate, problemText } from '@dms/shared';
import { webDict } from '../core/dict';
import { shortages } from './shortages';

/** Why the server refused, with every line or field it named. */
@Component({
  selector: 'dms-problem-notice',
  template: `
    <div class="notice bad" role="alert">
      <strong>{{ message() }}</strong>
      @if (lines().length) {
        <ul>
          @for (line of lines(); track line) {
            <li>{{ line }}</li>
          }
        </ul>
      }
      @if (short().length) {
        <table [attr.aria-label]="t('orders.short')">
          <thead>
            <tr>
              <th scope="col">{{ t('orders.product') }}</th>
              <th scope="col" class="num">{{ t('orders.wanted') }}</th>
              <th scope="col" class="num">{{ t('orders.onlyAvailable') }}</th>
            </tr>
          </thead>
          <tbody>
            @for (line of short(); track $index) {
              <tr>
                <td>{{ line.productCode }} {{ line.productName }}</td>
                <td class="num">{{ format.number(line.wanted) }}</td>
                <td class="num">{{ format.number(line.available) }}</td>
              </tr>
            }
          </tbody>
        </table>
      }
    </div>
  `,
  styles: `
    :host {
      display: block;
    }
    ul {
      margin: 6px 0 0;
      padding-left: 18px;
    }
    table {
      width: 100%;
      margin-top: 8px;
      border-collapse: collapse;
    }
    th,
    td {
      padding: 3px 6px 3px 0;
      text-align: left;
      border-top: 1px solid #f3c4c0;
    }
    .num {
      text-align: right;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ProblemNotice {
  readonly problem = input.required<ApiProblem>();

  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly message = computed(() => problemText(this.problem(), this.t));
  protected readonly lines = computed(() => [
    ...new Set(Object.values(this.problem().errors).flat()),
  ]);
  protected readonly short = computed(() => shortages(this.problem()));
}
