/** One page of a list: `{data, pagination}`. */
export interface Page<T> {
  readonly data: T[];
  readonly pagination: Pagination;
}

export interface Pagination {
  readonly currentPage: number;
  readonly pageSize: number;
  readonly totalItems: number;
  readonly totalPages: number;
}
