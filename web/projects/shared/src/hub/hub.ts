import { DestroyRef, Injectable, effect, inject, signal, untracked } from '@angular/core';
import type { HubConnection } from '@microsoft/signalr';
import { AuthStore } from '../auth/auth-store';
import type { HubEvents } from './events';

export type HubState = 'off' | 'connecting' | 'on' | 'reconnecting';
type EventName = keyof HubEvents;
type Handler = (event: never) => void;

const RETRY_MS = [0, 1_000, 3_000, 5_000, 10_000, 20_000];

function retryDelay(attempt: number): number {
  return RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] * (0.75 + Math.random() / 2);
}

/**
 * The live connection to `/hubs/dms`. `connect()` once; it follows the session (closed at logout,
 * opened at login), never gives up, and joins its groups again after a break. Events sent during a
 * break are lost: screens reload when `reconnects` changes.
 */
@Injectable({ providedIn: 'root' })
export class Hub {
  private readonly auth = inject(AuthStore);
  private readonly handlers = new Map<EventName, Set<Handler>>();
  private readonly groups = new Set<string>();
  private readonly wanted = signal(false);
  private readonly connectionState = signal<HubState>('off');
  private readonly breaks = signal(0);
  private connection: HubConnection | null = null;
  private generation = 0;

  readonly state = this.connectionState.asReadonly();
  /** How many times the connection came back after a break. */
  readonly reconnects = this.breaks.asReadonly();

  constructor() {
    effect(() => {
      const userId = this.auth.user()?.userId;
      const wanted = this.wanted();
      untracked(() => {
        void this.close();
        if (wanted && userId) void this.open();
      });
    });
  }

  connect(): void {
    this.wanted.set(true);
  }

  disconnect(): void {
    this.wanted.set(false);
  }

  /** Calls `handler` for each event until the returned function is called. */
  on<K extends EventName>(name: K, handler: (event: HubEvents[K]) => void): () => void {
    let set = this.handlers.get(name);
    if (!set) {
      this.handlers.set(name, (set = new Set()));
      this.listen(this.connection, name);
    }
    set.add(handler as Handler);
    return () => set.delete(handler as Handler);
  }

  /** `user:{id}`, `team:{unit}` or `distributor:{id}`; the server refuses those one may not see. */
  async joinGroup(name: string): Promise<void> {
    this.groups.add(name);
    if (this.connectionState() === 'on') await this.connection?.invoke('JoinGroup', name);
  }

  async leaveGroup(name: string): Promise<void> {
    this.groups.delete(name);
    if (this.connectionState() === 'on') await this.connection?.invoke('LeaveGroup', name);
  }

  private async open(): Promise<void> {
    const generation = ++this.generation;
    this.connectionState.set('connecting');
    const { HubConnectionBuilder, LogLevel } = await import('@microsoft/signalr');
    if (generation !== this.generation) return;
    const connection = new HubConnectionBuilder()
      .withUrl('/hubs/dms', { accessTokenFactory: () => this.auth.accessToken() })
      .withAutomaticReconnect({
        nextRetryDelayInMilliseconds: (context) => retryDelay(context.previousRetryCount),
      })
      .configureLogging(LogLevel.None)
      .build();
    this.connection = connection;
    for (const name of this.handlers.keys()) this.listen(connection, name);
    const mine = () => generation === this.generation;
    connection.onreconnecting(() => mine() && this.connectionState.set('reconnecting'));
    connection.onreconnected(() => mine() && void this.up(connection, true));
    // A close with the session still there (server said stop): start over.
    connection.onclose(() => mine() && void this.start(connection, mine, true));
    await this.start(connection, mine, false);
  }

  private async start(
    connection: HubConnection,
    mine: () => boolean,
    again: boolean,
  ): Promise<void> {
    this.connectionState.set(again ? 'reconnecting' : 'connecting');
    for (let attempt = again ? 1 : 0; mine(); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, retryDelay(attempt)));
      if (!mine()) return;
      try {
        await connection.start();
      } catch {
        continue; // not reachable yet: the state shown stays "connecting"
      }
      if (mine()) await this.up(connection, again || attempt > 0);
      else await connection.stop();
      return;
    }
  }

  private async up(connection: HubConnection, again: boolean): Promise<void> {
    this.connectionState.set('on');
    if (again) this.breaks.update((n) => n + 1);
    await Promise.allSettled([...this.groups].map((name) => connection.invoke('JoinGroup', name)));
  }

  private async close(): Promise<void> {
    this.generation++;
    const connection = this.connection;
    this.connection = null;
    this.connectionState.set('off');
    await connection?.stop();
  }

  private listen(connection: HubConnection | null, name: EventName): void {
    connection?.on(name, (event: unknown) => {
      for (const handler of [...(this.handlers.get(name) ?? [])]) handler(event as never);
    });
  }
}

/** `hub.on` for the life of the calling component. */
export function injectHubEvent<K extends EventName>(
  name: K,
  handler: (event: HubEvents[K]) => void,
): void {
  inject(DestroyRef).onDestroy(inject(Hub).on(name, handler));
}
