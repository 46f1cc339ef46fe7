import { Injectable, inject } from '@angular/core';
import createClient from 'openapi-fetch';
import { AuthStore } from '../auth/auth-store';
import { Language } from '../i18n/i18n';
import { uuid7 } from '../util/uuid7';
import { ApiProblem, PASSWORD_CHANGE_REQUIRED } from './problem';
import type { paths } from './schema.gen';

/**
 * The server's API. `http` is typed by the generated schema; every call carries the access token
 * (renewed once when refused), the language and, for POST, an `Idempotency-Key`. Whatever is not a
 * success is thrown as `ApiProblem`. Missing and empty query parameters are not sent.
 */
@Injectable({ providedIn: 'root' })
export class ApiClient {
  private readonly auth = inject(AuthStore);
  private readonly language = inject(Language);

  readonly http = this.client();

  /** The API for one account only: with anybody else's session nothing is sent, it throws 401. */
  as(userId: string) {
    return {
      http: this.client(userId),
      /** For requests that were written down before they are sent. */
      fetch: (path: string, init?: RequestInit): Promise<Response> =>
        this.send(new Request(new URL(path, location.origin), init), userId),
    };
  }

  private client(userId?: string) {
    return createClient<paths>({
      baseUrl: location.origin,
      fetch: (request) => this.send(request, userId),
      querySerializer,
    });
  }

  private async send(request: Request, userId?: string): Promise<Response> {
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

    const token = await this.auth.accessToken(userId);
    let response = await attempt(token);
    if (response.status === 401) response = await attempt(await this.auth.renew(token, userId));
    if (response.ok) return response;
    const problem = await ApiProblem.from(response);
    // The shell of each app leads to the form for it.
    if (problem.code === PASSWORD_CHANGE_REQUIRED) this.auth.setMustChangePassword(true);
    throw problem;
  }
}

function querySerializer(query: Record<string, unknown>): string {
  const set = Object.entries(query).filter(([, value]) => value != null && value !== '');
  return new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
}
