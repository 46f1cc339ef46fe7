import type { ApiProblem } from '@dms/shared';

/** One line the stock does not carry, in retail units. */
export interface Shortage {
  readonly productCode: string;
  readonly productName: string;
  readonly wanted: number;
  readonly available: number;
}

/** The short lines a problem brings along; none for any other problem. */
export function shortages(problem: ApiProblem): Shortage[] {
  const lines = problem.members['shortages'];
  return Array.isArray(lines) ? lines.filter(isShortage) : [];
}

function isShortage(value: unknown): value is Shortage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'productCode' in value &&
    'wanted' in value &&
    typeof value.wanted === 'number' &&
    'available' in value &&
    typeof value.available === 'number'
  );
}
