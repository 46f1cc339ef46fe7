import { LatLng } from './distance';

/** One GPS reading. `accuracy` is the radius in metres the device is 68 % sure of; `at` is milliseconds since 1970. */
export interface Fix extends LatLng {
  accuracy: number;
  at: number;
  speed: number | null;
  bearing: number | null;
}

/** Why there is no position; each needs another advice to the user. */
export type FixFailure = 'denied' | 'unavailable' | 'timeout' | 'unsupported';

export class FixError extends Error {
  constructor(readonly reason: FixFailure) {
    super(`no position: ${reason}`);
    this.name = 'FixError';
  }
}

export interface FixOptions {
  /** How long to look for a better fix, in milliseconds. */
  within?: number;
  /** Good enough to stop early, metres. */
  goodAt?: number;
  /** Called with every better fix, to show the circle shrinking. */
  onBetter?: (fix: Fix) => void;
}

export function toFix(position: GeolocationPosition): Fix {
  const { latitude, longitude, accuracy, speed, heading } = position.coords;
  return {
    latitude,
    longitude,
    accuracy,
    at: position.timestamp,
    speed: speed ?? null,
    bearing: heading === null || Number.isNaN(heading) ? null : heading,
  };
}

const failureOf = (error: GeolocationPositionError | undefined): FixFailure =>
  error?.code === 1 ? 'denied' : error?.code === 2 ? 'unavailable' : 'timeout';

/**
 * The most accurate reading within `within` ms; stops early at `goodAt` metres.
 * A cold GPS first answers with the cell tower, hundreds of metres off, so the first reading is not enough.
 */
export function bestFix(options: FixOptions = {}): Promise<Fix> {
  const { within = 10_000, goodAt = 20, onBetter } = options;
  return new Promise((resolve, reject) => {
    const geolocation = navigator.geolocation;
    if (!geolocation) {
      reject(new FixError('unsupported'));
      return;
    }
    let best: Fix | undefined;
    let failure: GeolocationPositionError | undefined;
    const finish = () => {
      geolocation.clearWatch(watch);
      clearTimeout(timer);
      if (best) resolve(best);
      else reject(new FixError(failureOf(failure)));
    };
    const timer = setTimeout(finish, within);
    const watch = geolocation.watchPosition(
      (position) => {
        const fix = toFix(position);
        if (best && fix.accuracy >= best.accuracy) return;
        best = fix;
        onBetter?.(fix);
        if (fix.accuracy <= goodAt) queueMicrotask(finish);
      },
      (error) => {
        failure = error;
        if (error.code === 1) queueMicrotask(finish);
      },
      { enableHighAccuracy: true, maximumAge: 0, timeout: within },
    );
  });
}
