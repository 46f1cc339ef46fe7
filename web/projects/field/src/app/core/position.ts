import { DestroyRef, Injectable, inject, signal } from '@angular/core';
import { type Fix, type FixOptions, bestFix, distanceMetres, toFix } from '@dms/shared';

const QUIET_MS = 10_000;
const STEPS_METRES = 5;

/**
 * The last known position while the app is on screen. Watching starts by itself when the user has
 * already allowed it, else with `start()` from a tap, so that the question comes when it makes sense.
 */
@Injectable({ providedIn: 'root' })
export class Position {
  private readonly last = signal<Fix | null>(null);
  private watch: number | null = null;
  private wanted = false;
  private searching = false;

  readonly fix = this.last.asReadonly();

  constructor() {
    const follow = () => {
      if (document.visibilityState === 'visible') this.open();
      else this.close();
    };
    document.addEventListener('visibilitychange', follow);
    inject(DestroyRef).onDestroy(() => {
      document.removeEventListener('visibilitychange', follow);
      this.close();
    });
    void this.startIfAllowed();
  }

  start(): void {
    this.wanted = true;
    this.open();
  }

  /**
   * A new reading, as good as `options` let it get; throws `FixError`. Our own watch pauses
   * meanwhile: browsers tell a second watcher nothing until the device has moved.
   */
  async fresh(options: FixOptions): Promise<Fix> {
    this.close();
    this.searching = true;
    try {
      const fix = await bestFix(options);
      this.last.set(fix);
      this.wanted = true;
      return fix;
    } finally {
      this.searching = false;
      if (document.visibilityState === 'visible') this.open();
    }
  }

  private async startIfAllowed(): Promise<void> {
    const permission = await navigator.permissions?.query({ name: 'geolocation' });
    if (permission?.state === 'granted') this.start();
  }

  private open(): void {
    if (!this.wanted || this.searching || this.watch !== null || !navigator.geolocation) return;
    this.watch = navigator.geolocation.watchPosition(
      (position) => this.follow(toFix(position)),
      (error) => {
        // Without a position the route is shown in visiting order alone; check-in explains what to do.
        if (error.code === error.PERMISSION_DENIED) this.close();
      },
      { enableHighAccuracy: true, maximumAge: 15_000 },
    );
  }

  /** Phones report every second; a few steps are no news to any screen. */
  private follow(fix: Fix): void {
    const last = this.last();
    const news =
      !last ||
      fix.at - last.at >= QUIET_MS ||
      fix.accuracy < last.accuracy ||
      distanceMetres(last, fix) >= STEPS_METRES;
    if (news) this.last.set(fix);
  }

  private close(): void {
    if (this.watch === null) return;
    navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
  }
}
