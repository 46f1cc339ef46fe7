import type { ImportError } from './imports.api';

const HEADERS = ['Dòng', 'Cột', 'Giá trị', 'Lý do'] as const;

/**
 * The errors as a CSV file Excel opens as it should: a BOM for the letters, and no cell that Excel
 * would take for a formula (the values come from somebody's file).
 */
export function errorCsv(errors: readonly ImportError[]): string {
  const lines = errors.map((error) => [
    String(error.row),
    error.column,
    error.value,
    error.message,
  ]);
  return ['\ufeff', ...[HEADERS, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`)].join(
    '',
  );
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
