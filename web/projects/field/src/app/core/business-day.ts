import { DestroyRef, Injectable, inject, signal } from '@angular/core';
import { format } from '@dms/shared';

const EVERY_MS = 30_000;

/** Today as a signal: the app may stay open over night. */
@Injectable({ providedIn: 'root' })
export class BusinessDay {
  private readonly day = signal(format.businessDate());
  readonly today = this.day.asReadonly();

  constructor() {
    const look = () => this.day.set(format.businessDate());
    const timer = setInterval(look, EVERY_MS);
    document.addEventListener('visibilitychange', look);
    inject(DestroyRef).onDestroy(() => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    });
  }
}
