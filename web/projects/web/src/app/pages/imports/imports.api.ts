import { Injectable, inject } from '@angular/core';
import { ApiClient, Permission, Schema, body, download, multipart } from '@dms/shared';

/** What can be loaded, and the right each kind takes besides `imports.run`. */
export const IMPORT_KINDS = {
  'org-units': 'org.manage',
  users: 'users.manage_company',
  distributors: 'distributors.manage',
  products: 'catalog.manage',
  customers: 'customers.edit',
  routes: 'routes.manage',
  'opening-stock': 'inventory.manage',
} as const satisfies Record<string, Permission>;
export type ImportKind = keyof typeof IMPORT_KINDS;

/** Kinds whose file belongs to one distributor. */
export const PER_DISTRIBUTOR: readonly ImportKind[] = ['customers', 'routes', 'opening-stock'];

/** One thing wrong with a file: where, what stands there, why it can't be taken. */
export type ImportError = Schema<'ImportRowError'>;
export type ImportAnswer = Schema<'ImportReport'>;

export interface ImportRequest {
  kind: ImportKind;
  file: File;
  dryRun: boolean;
  /** Good rows load although others are bad; else nothing loads then. */
  goodRows: boolean;
  distributorCode: string;
}

@Injectable({ providedIn: 'root' })
export class ImportsApi {
  private readonly http = inject(ApiClient).http;

  template(kind: ImportKind) {
    return download(
      this.http.GET('/api/v1/imports/{kind}/template', {
        params: { path: { kind } },
        parseAs: 'blob',
      }),
    );
  }

  run({ kind, file, dryRun, goodRows, distributorCode }: ImportRequest): Promise<ImportAnswer> {
    return body(
      this.http.POST('/api/v1/imports/{kind}', {
        params: {
          path: { kind },
          query: { dryRun, mode: goodRows ? 'good' : 'all', distributorCode },
        },
        body: { file: file as unknown as string }, // OpenAPI calls bytes a string
        bodySerializer: multipart,
      }),
    );
  }
}
