import { Injectable, inject } from '@angular/core';
import { ApiClient, withQuery } from '@dms/shared';

export const IMPORT_KINDS = [
  'org-units',
  'users',
  'distributors',
  'products',
  'customers',
  'routes',
  'price-lists',
  'opening-stock',
  'opening-receivables',
] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** One thing wrong with a file: where, what stands there, why it can't be taken. */
export interface ImportError {
  row: number;
  column: string;
  value: string;
  message: string;
}

export interface ImportAnswer {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  errors: ImportError[];
  /** Columns of the file that mean nothing here. */
  ignoredColumns?: string[];
}

export interface ImportRequest {
  kind: ImportKind;
  file: File;
  dryRun: boolean;
  /** Good rows load although others are bad; else nothing loads then. */
  goodRows: boolean;
  distributor: string;
}

@Injectable({ providedIn: 'root' })
export class ImportsApi {
  private readonly api = inject(ApiClient);

  template(kind: ImportKind): Promise<{ blob: Blob; filename: string }> {
    return this.api.download(`/api/v1/imports/${kind}/template`);
  }

  async run(request: ImportRequest): Promise<ImportAnswer> {
    const form = new FormData();
    form.set('file', request.file, request.file.name);
    const path = withQuery(`/api/v1/imports/${request.kind}`, {
      dryRun: request.dryRun,
      onError: request.goodRows ? 'skip' : 'abort',
      distributor: request.distributor,
    });
    const response = await this.api.fetch(path, { method: 'POST', body: form });
    return (await response.json()) as ImportAnswer;
  }
}
