import { Injectable, InjectionToken, computed, inject, signal } from '@angular/core';
import createClient from 'openapi-fetch';
import { body } from '../api/answers';
import { ApiProblem } from '../api/problem';
import type { Schema } from '../api/schema';
import type { paths } from '../api/schema.gen';
import { Language } from '../i18n/i18n';
import { Permission } from './permissions';

/** The account that is logged in, as the server answered it at login. */
export type SessionUser = Readonly<Schema<'SessionUser'>>;

interface StoredSession {
  readonly refreshToken: string;
  /** With it the server lets a refresh be repeated whose answer was lost. */
  readonly deviceId?: string;
  readonly user: SessionUser;
}

/** An access token, good until then, and whose it is. */
interface Access {
  readonly token: string;
  readonly until: number;
  readonly userId: string;
}

/** How an app keeps its session. Back office and phone share one origin, so each needs its own key. */
export interface SessionOptions {
  readonly storageKey: string;
  /** Minutes without any user action after which the session ends; null = never. */
  readonly idleMinutes: number | null;
}

export const SESSION_OPTIONS = new InjectionToken<SessionOptions>('SESSION_OPTIONS');

/** Why the last session ended without the user asking for it. */
export type SessionEnd = 'idle' | 'expired';

const EARLY_MS = 30_000; // renew this long before the access token runs out
const ACTIVITY_STEP_MS = 15_000;

/**
 * Login, rotation and logout. The access token stays in memory; the refresh token and the user are
 * stored, so that a reload (or the phone app without network) keeps its session. Tabs share the
 * stored session and take turns to rotate it: a rotated token used twice would revoke the session.
 */
@Injectable({ providedIn: 'root' })
export class AuthStore {
  private readonly options = inject(SESSION_OPTIONS);
  private readonly language = inject(Language);
  private readonly http = createClient<paths>({
    baseUrl: location.origin,
    fetch: (request) => this.send(request),
  });

  private readonly session = signal<StoredSession | null>(this.read());
  private access: Access | null = null;
  private refreshing: Promise<Access> | null = null;
  private readonly ended = signal<SessionEnd | null>(null);
  private readonly typed = signal<string | null>(null);

  readonly user = computed(() => this.session()?.user ?? null);
  readonly loggedIn = computed(() => this.session() !== null);
  readonly endReason = this.ended.asReadonly();
  /** Somebody else set the password: the server opens nothing until the user chose their own. */
  readonly mustChangePassword = computed(() => this.user()?.mustChangePassword ?? false);
  /** The password just logged in with, while it must be changed: no need to ask for it again. */
  readonly typedPassword = this.typed.asReadonly();

  constructor() {
    window.addEventListener('storage', (event) => {
      if (event.key === this.options.storageKey) {
        const stored = this.read();
        if (stored?.user.userId !== this.session()?.user.userId) {
          this.access = null;
          this.typed.set(null);
        }
        this.session.set(stored);
      }
    });
    if (this.options.idleMinutes !== null) this.watchIdle(this.options.idleMinutes * 60_000);
  }

  can(permission: Permission): boolean {
    return this.user()?.permissions.includes(permission) ?? false;
  }

  canAny(...permissions: readonly Permission[]): boolean {
    return permissions.some((permission) => this.can(permission));
  }

  /** Throws an `ApiProblem` (`auth.invalid_credentials`, `auth.locked`, …) when refused. */
  async login(username: string, password: string, deviceId?: string): Promise<SessionUser> {
    const answer = await body(
      this.http.POST('/api/v1/auth/login', { body: { username, password, deviceId } }),
    );
    this.ended.set(null);
    this.touch();
    this.typed.set(answer.user.mustChangePassword ? password : null);
    this.keep(answer, deviceId);
    return answer.user;
  }

  /** The server said that the password must be changed, or that it has been. */
  setMustChangePassword(mustChangePassword: boolean): void {
    if (mustChangePassword === this.mustChangePassword()) return;
    this.typed.set(null);
    const session = this.read(); // another tab may have rotated it
    if (session) this.store({ ...session, user: { ...session.user, mustChangePassword } });
  }

  /** The password logged in with is no longer the present one. */
  forgetTypedPassword(): void {
    this.typed.set(null);
  }

  /** Ends the session here at once and tells the server as well as the network allows. */
  async logout(reason?: SessionEnd): Promise<void> {
    const session = this.session();
    const token = this.access?.token;
    this.drop(reason);
    if (!session) return;
    try {
      await this.http.POST('/api/v1/auth/logout', {
        body: { refreshToken: session.refreshToken },
        headers: token ? { authorization: `Bearer ${token}` } : {},
      });
    } catch (error) {
      // Offline or already expired: the session is gone on this device either way.
      if (!(error instanceof ApiProblem)) throw error;
    }
  }

  /**
   * A token good for at least some seconds; renews it when needed. Throws 401 without a session, and
   * when `userId` is named and the session is somebody else's: another tab may have changed it.
   */
  async accessToken(userId?: string): Promise<string> {
    const { access } = this;
    const good = access && access.until - Date.now() > EARLY_MS;
    return tokenOf(good ? access : await this.refresh(), userId);
  }

  /** The server refused `token`: renew it, unless somebody already has. */
  async renew(token: string, userId?: string): Promise<string> {
    if (this.access?.token === token) this.access = null;
    return tokenOf(this.access ?? (await this.refresh()), userId);
  }

  /** Single flight: everyone who needs a token while one is being fetched waits for that one. */
  private refresh(): Promise<Access> {
    this.refreshing ??= this.acrossTabs(() => this.rotate()).finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async rotate(): Promise<Access> {
    const session = this.read(); // another tab may have rotated it
    if (!session) {
      this.drop();
      throw notLoggedIn();
    }
    try {
      const { refreshToken, deviceId } = session;
      const answer = await body(
        this.http.POST('/api/v1/auth/refresh', { body: { refreshToken, deviceId } }),
      );
      return this.keep(answer, deviceId);
    } catch (error) {
      if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) {
        this.drop('expired');
      }
      throw error;
    }
  }

  private async acrossTabs<T>(work: () => Promise<T>): Promise<T> {
    const locks: LockManager | undefined = navigator.locks; // absent on plain http
    return locks ? await locks.request(`${this.options.storageKey}.refresh`, work) : work();
  }

  private keep(answer: Schema<'TokenAnswer'>, deviceId?: string): Access {
    const { accessToken: token, expiresIn, refreshToken, user } = answer;
    const access = { token, until: Date.now() + expiresIn * 1000, userId: user.userId };
    this.access = access;
    this.store({ refreshToken, deviceId, user });
    return access;
  }

  private store(session: StoredSession): void {
    localStorage.setItem(this.options.storageKey, JSON.stringify(session));
    this.session.set(session);
  }

  private drop(reason?: SessionEnd): void {
    this.access = null;
    this.typed.set(null);
    localStorage.removeItem(this.options.storageKey);
    this.session.set(null);
    this.ended.set(reason ?? null);
  }

  private read(): StoredSession | null {
    const text = localStorage.getItem(this.options.storageKey);
    if (!text) return null;
    try {
      return JSON.parse(text) as StoredSession;
    } catch {
      return null; // not ours or cut off: as if there were none
    }
  }

  private async send(request: Request): Promise<Response> {
    request.headers.set('accept-language', this.language.current());
    let response: Response;
    try {
      response = await fetch(request);
    } catch (error) {
      throw ApiProblem.network(error);
    }
    if (!response.ok) throw await ApiProblem.from(response);
    return response;
  }

  private get activityKey(): string {
    return `${this.options.storageKey}.active`;
  }

  private touch(): void {
    localStorage.setItem(this.activityKey, String(Date.now()));
  }

  /** The last action in any tab counts. Checked on a timer and at start (a browser left closed). */
  private watchIdle(limit: number): void {
    const check = () => {
      const last = Number(localStorage.getItem(this.activityKey) ?? 0);
      if (this.session() && Date.now() - last > limit) void this.logout('idle');
    };
    check();
    setInterval(check, ACTIVITY_STEP_MS);
    let written = 0;
    const act = () => {
      if (this.session() && Date.now() - written > ACTIVITY_STEP_MS) {
        written = Date.now();
        this.touch();
      }
    };
    for (const event of ['pointerdown', 'keydown', 'wheel']) {
      window.addEventListener(event, act, { passive: true, capture: true });
    }
  }
}

const notLoggedIn = () => new ApiProblem(401, 'not_logged_in', '', '', {}, null, {});

function tokenOf({ token, userId }: Access, wanted = userId): string {
  if (userId !== wanted) throw notLoggedIn();
  return token;
}
