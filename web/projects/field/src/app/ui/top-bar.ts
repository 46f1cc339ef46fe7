import { Location } from '@angular/common';
import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { Router } from '@angular/router';
import { injectT } from '../i18n/texts';
import { Icon } from './icon';
import { SyncChip } from './sync-chip';

/** Title of the screen, the way back, and how the queue stands. */
@Component({
  selector: 'fld-top-bar',
  imports: [Icon, SyncChip],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <header>
      @if (back(); as target) {
        <button
          type="button"
          class="icon-btn"
          [attr.aria-label]="t('nav.back')"
          (click)="goBack(target)"
        >
          <fld-icon name="back" />
        </button>
      }
      <div class="grow">
        <h1>{{ title() }}</h1>
        @if (subtitle(); as text) {
          <p>{{ text }}</p>
        }
      </div>
      <fld-sync-chip />
    </header>
  `,
  styles: `
    :host {
      display: block;
      position: sticky;
      top: 0;
      z-index: 4;
      background: var(--brand);
      color: #fff;
      padding-top: env(safe-area-inset-top);
    }
    header {
      display: flex;
      align-items: center;
      gap: 8px;
      min-height: 56px;
      padding: 6px 4px 6px 12px;
    }
    button {
      margin-left: -10px;
    }
    h1 {
      display: -webkit-box;
      -webkit-box-orient: vertical;
      -webkit-line-clamp: 2;
      overflow: hidden;
    }
    p {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
  `,
})
export class TopBar {
  private readonly router = inject(Router);
  private readonly location = inject(Location);
  protected readonly t = injectT();

  readonly title = input.required<string>();
  readonly subtitle = input<string>();
  /** Where "back" leads when there is no history, e.g. after a reload; no button without it. */
  readonly back = input<string>();

  protected goBack(target: string): void {
    if (this.router.lastSuccessfulNavigation()?.previousNavigation) this.location.back();
    else void this.router.navigateByUrl(target, { replaceUrl: true });
  }
}
