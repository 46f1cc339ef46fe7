/** Provisional: replaced by `npm run api:gen` from the server's OpenAPI document. */
export type paths = Record<string, never>;
export interface components {
  schemas: Record<string, never>;
}
