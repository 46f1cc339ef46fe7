import type { Page } from './page';

/** The body of an answer that has one: `const page = await body(api.http.GET('/api/v1/orders'))`. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await answer;
  if (data == null) throw new TypeError('the answer has no body');
  return data;
}

/** Far beyond any list that is read whole; a guard against one that never says it ends. */
const MAX_PAGES = 100;

/** The rows of all pages of a list that is needed whole; ask for the largest pages. */
export async function allRows<T>(
  list: (page: number) => Promise<{ data?: Page<T> }>,
): Promise<T[]> {
  const rows: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { data, pagination } = await body(list(page));
    rows.push(...data);
    if (page >= pagination.totalPages) break;
  }
  return rows;
}

/** The fields of a form as the server reads them; missing ones are left out. */
export function multipart(fields: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) form.set(name, value);
    else if (value != null) form.set(name, String(value));
  }
  return form;
}

/** A file the server makes (asked for with `parseAs: 'blob'`) with the name the server gave it. */
export async function download(
  answer: Promise<{ data?: Blob; response: Response }>,
): Promise<{ blob: Blob; filename: string }> {
  const { headers } = (await answer).response;
  const filename = filenameOf(headers.get('content-disposition') ?? '');
  return { blob: await body(answer), filename: filename ?? 'download' };
}

function filenameOf(disposition: string): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition);
  if (encoded) return decodeURIComponent(encoded[1]);
  return /filename="?([^";]+)"?/i.exec(disposition)?.[1] ?? null;
}
