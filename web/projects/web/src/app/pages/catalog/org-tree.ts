import type { OrgUnit } from './catalog.api';

type Unit = Pick<OrgUnit, 'unitId' | 'parentId'>;

export interface TreeLine<U> {
  readonly unit: U;
  readonly level: number;
  /** Found itself, not only kept as somebody's ancestor. */
  readonly hit: boolean;
}

/** The units in tree order, those kept that are hits or have one below them. */
export function flattenTree<U extends Unit>(
  units: readonly U[],
  isHit: (unit: U) => boolean,
): TreeLine<U>[] {
  const known = new Set(units.map((unit) => unit.unitId));
  const children = new Map<string | null, U[]>();
  for (const unit of units) {
    // One whose parent may not be seen stands at the top.
    const parent = unit.parentId && known.has(unit.parentId) ? unit.parentId : null;
    children.set(parent, [...(children.get(parent) ?? []), unit]);
  }
  const walk = (parent: string | null, level: number): TreeLine<U>[] =>
    (children.get(parent) ?? []).flatMap((unit) => {
      const below = walk(unit.unitId, level + 1);
      const hit = isHit(unit);
      return hit || below.length ? [{ unit, level, hit }, ...below] : [];
    });
  return walk(null, 0);
}
