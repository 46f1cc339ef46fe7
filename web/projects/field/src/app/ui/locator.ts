import { DestroyRef, inject, signal } from '@angular/core';
import { type Fix, FixError, type FixFailure } from '@dms/shared';
import { Position } from '../core/position';

const FRESH_MS = 15_000;
const GOOD_METRES = 20;

/** Looks for a position on behalf of a screen and tells how it goes. */
export class Locator {
  private readonly found = signal<Fix | null>(null);
  private readonly busy = signal(false);
  private readonly failed = signal<FixFailure | null>(null);
  private alive = true;

  /** The best reading so far of this search. */
  readonly fix = this.found.asReadonly();
  readonly seeking = this.busy.asReadonly();
  readonly failure = this.failed.asReadonly();

  constructor(private readonly position: Position) {}

  /** A fresh position within `ms`, or null; then `failure` says why. */
  async find(ms = 10_000): Promise<Fix | null> {
    const known = this.position.fix();
    if (known && Date.now() - known.at < FRESH_MS && known.accuracy <= GOOD_METRES) {
      this.found.set(known);
      this.failed.set(null);
      return known;
    }
    this.busy.set(true);
    this.failed.set(null);
    this.found.set(null);
    try {
      const fix = await this.position.fresh({
        within: ms,
        goodAt: GOOD_METRES,
        onBetter: (better) => this.alive && this.found.set(better),
      });
      this.found.set(fix);
      return fix;
    } catch (error) {
      if (!(error instanceof FixError)) throw error;
      this.failed.set(error.reason);
      return null;
    } finally {
      this.busy.set(false);
    }
  }

  /** Takes a reading the user accepts although it is old. */
  accept(fix: Fix): void {
    this.failed.set(null);
    this.found.set(fix);
  }

  end(): void {
    this.alive = false;
  }
}

/** A locator for the life of the calling component. */
export function injectLocator(): Locator {
  const locator = new Locator(inject(Position));
  inject(DestroyRef).onDestroy(() => locator.end());
  return locator;
}
