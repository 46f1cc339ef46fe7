import type { Schema } from './schema';

export type Pagination = Schema<'Pagination'>;

/** One page of a list: `{data, pagination}`. */
export interface Page<T> {
  readonly data: T[];
  readonly pagination: Pagination;
}
