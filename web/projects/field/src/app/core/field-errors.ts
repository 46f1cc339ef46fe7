import { ErrorHandler, Injectable, inject } from '@angular/core';
import { injectT } from '../i18n/texts';
import { Toast } from '../ui/toast';

/** Every fault nobody caught. What the rep can do something about is said on the screen. */
@Injectable()
export class FieldErrors extends ErrorHandler {
  private readonly toast = inject(Toast);
  private readonly t = injectT();

  override handleError(error: unknown): void {
    super.handleError(error);
    if (isStorageFull(error)) this.toast.warn(this.t('app.storageFull'));
  }
}

/** The browser had no room left. Dexie tells it as the reason of an abort or of one row of many. */
export function isStorageFull(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, inner, failures } = error as { name?: string; inner?: unknown; failures?: unknown };
  if (name === 'QuotaExceededError' || isStorageFull(inner)) return true;
  return Array.isArray(failures) && failures.some(isStorageFull);
}
