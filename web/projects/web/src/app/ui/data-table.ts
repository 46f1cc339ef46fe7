import { ChangeDetectionStrategy, Component, computed, input, model, output } from '@angular/core';
import { MatCheckboxModule } from '@angular/material/checkbox';
import { ApiProblem, injectTranslate } from '@dms/shared';
import { webDict } from '../core/dict';
import { State } from './state';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

/** One column of a list. */
export interface Column<T> {
  readonly key: string;
  readonly label: string;
  readonly cell: (row: T) => string;
  /** Figures stand to the right. */
  readonly num?: boolean;
  /** Shows the cell as a chip of this tone. */
  readonly chip?: (row: T) => Tone;
  /** A second, quieter line. */
  readonly sub?: (row: T) => string;
  readonly tone?: (row: T) => Tone;
  /** Left out where the list shares its width with a panel. */
  readonly extra?: boolean;
}

/**
 * The list every screen uses: columns, empty / loading / error states, optional selection, rows that
 * open. Arrow keys or j/k move between rows, Enter opens.
 */
@Component({
  selector: 'dms-data-table',
  imports: [MatCheckboxModule, State],
  templateUrl: './data-table.html',
  styleUrl: './data-table.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DataTable<T> {
  readonly columns = input.required<readonly Column<T>[]>();
  readonly compact = input(false);
  readonly rows = input<readonly T[]>();
  readonly rowId = input.required<(row: T) => string>();
  readonly label = input.required<string>();
  readonly loading = input(false);
  readonly error = input<ApiProblem | null>(null);
  readonly empty = input('');
  readonly opens = input(false);
  readonly current = input<string | null>(null);
  readonly fresh = input<ReadonlySet<string>>(new Set());
  readonly selectable = input<((row: T) => boolean) | null>(null);
  /** Whether all selectable rows may be chosen together. */
  readonly manyAtOnce = input(true);
  readonly selected = model<ReadonlySet<string>>(new Set());
  readonly openRow = output<T>();
  readonly retry = output();

  protected readonly t = injectTranslate(webDict);

  protected readonly shown = computed(() =>
    this.columns().filter((column) => !this.compact() || !column.extra),
  );
  protected readonly choosable = computed(() => {
    const may = this.selectable();
    return may ? (this.rows() ?? []).filter(may).map((row) => this.rowId()(row)) : [];
  });
  protected readonly allChosen = computed(
    () => this.choosable().length > 0 && this.choosable().every((id) => this.selected().has(id)),
  );

  protected chooseAll(): void {
    this.selected.set(this.allChosen() ? new Set() : new Set(this.choosable()));
  }

  protected choose(id: string): void {
    const next = new Set(this.selected());
    if (!next.delete(id)) next.add(id);
    this.selected.set(next);
  }

  protected open(row: T): void {
    if (this.opens()) this.openRow.emit(row);
  }

  protected key(event: KeyboardEvent, row: T): void {
    const line = event.currentTarget as HTMLElement;
    if (event.target !== line) return; // a control inside the row
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step) {
      const next = step > 0 ? line.nextElementSibling : line.previousElementSibling;
      (next as HTMLElement | null)?.focus();
      event.preventDefault();
    } else if (event.key === 'Enter') {
      this.open(row);
    }
  }
}
