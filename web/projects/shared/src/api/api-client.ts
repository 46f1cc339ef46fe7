import { Injectable, inject } from '@angular/core';
import createClient from 'openapi-fetch';
import { AuthStore } from '../auth/auth-store';
import { Language } from '../i18n/i18n';
import { uuid7 } from '../util/uuid7';
import { ApiProblem } from './problem';
import type { paths } from './schema.gen';

/** Query parameters; null, undefined and empty ones are not sent. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `path` with the query parameters that have a value. */
export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * The server's API. `http` is typed by the generated schema; every call carries the access token
 * (renewed once when refused), the language and, for POST, an `Idempotency-Key`. Whatever is not a
 * success is thrown as `ApiProblem`.
 */
@Injectable({ providedIn: 'root' })
export class ApiClient {
  private readonly auth = inject(AuthStore);
  private readonly language = inject(Language);

  readonly http = createClient<paths>({
    baseUrl: location.origin,
    fetch: (request) => this.send(request),
  });

  /** For what the schema does not describe well: files up and down. */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return this.send(new Request(new URL(path, location.origin), init));
  }

  /** GET of JSON; missing and empty query values are left out. */
  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.json<T>('GET', withQuery(path, query));
  }

  post<T>(path: string, value: unknown = {}): Promise<T> {
    return this.json<T>('POST', path, value);
  }

  put<T>(path: string, value: unknown): Promise<T> {
    return this.json<T>('PUT', path, value);
  }

  private async json<T>(method: string, path: string, value?: unknown): Promise<T> {
    const response = await this.fetch(path, {
      method,
      headers: value === undefined ? {} : { 'content-type': 'application/json' },
      body: value === undefined ? null : JSON.stringify(value),
    });
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** A file the server makes (Excel, template): its bytes and the name the server gave it. */
  async download(path: string): Promise<{ blob: Blob; filename: string }> {
    const response = await this.fetch(path);
    const disposition = response.headers.get('content-disposition') ?? '';
    return { blob: await response.blob(), filename: filenameOf(disposition) ?? 'download' };
  }

  private async send(request: Request): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set('accept-language', this.language.current());
    if (request.method === 'POST' && !headers.has('idempotency-key')) {
      headers.set('idempotency-key', uuid7());
    }
    // Read once: a body that is a stream could not be sent again after a renewed token.
    const bytes = await request.arrayBuffer();
    const body = bytes.byteLength > 0 ? bytes : null;
    const attempt = async (token: string): Promise<Response> => {
      headers.set('authorization', `Bearer ${token}`);
      try {
        return await fetch(request.url, {
          method: request.method,
          headers,
          body,
          signal: request.signal,
          cache: 'no-store',
        });
      } catch (error) {
        if (request.signal.aborted) throw error;
        throw ApiProblem.network(error);
      }
    };

    const token = await this.auth.accessToken();
    let response = await attempt(token);
    if (response.status === 401) response = await attempt(await this.auth.renew(token));
    if (!response.ok) throw await ApiProblem.from(response);
    return response;
  }
}

/** The body of an answer that has one: `const page = await body(api.http.GET('/api/v1/orders'))`. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await answer;
  if (data == null) throw new TypeError('the answer has no body');
  return data;
}

function filenameOf(disposition: string): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  if (encoded) return decodeURIComponent(encoded[1]);
  return /filename="?([^";]+)"?/i.exec(disposition)?.[1] ?? null;
}
