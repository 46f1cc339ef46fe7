import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { SwUpdate } from '@angular/service-worker';
import { injectT } from './i18n/texts';
import { ToastOutlet } from './ui/toast';

/** The frame: the screen of the moment, a word when a new version is there, passing messages. */
@Component({
  selector: 'fld-root',
  imports: [RouterOutlet, ToastOutlet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (updateReady()) {
      <button type="button" class="update" (click)="update()">{{ t('app.update') }}</button>
    }
    <router-outlet />
    <fld-toast />
  `,
  styles: `
    .update {
      display: block;
      width: 100%;
      min-height: 48px;
      border: 0;
      background: var(--warn-soft);
      color: var(--warn);
      font-weight: 600;
    }
  `,
})
export class App {
  private readonly worker = inject(SwUpdate);
  protected readonly t = injectT();
  protected readonly updateReady = signal(false);

  constructor() {
    // Never reload by ourselves for a new version: the rep may be in the middle of something.
    this.worker.versionUpdates.subscribe((event) => {
      if (event.type === 'VERSION_READY') this.updateReady.set(true);
    });
    this.worker.unrecoverable.subscribe(() => location.reload());
  }

  protected async update(): Promise<void> {
    await this.worker.activateUpdate();
    location.reload();
  }
}
