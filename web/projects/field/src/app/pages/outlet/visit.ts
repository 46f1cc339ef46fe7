import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  computed,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { distanceText, format } from '@dms/shared';
import type { OutletState, VisitResult } from '../../core/api-types';
import { Day } from '../../core/day';
import type { LocalVisit } from '../../core/field-db';
import { FieldStore } from '../../core/field-store';
import { liveFor } from '../../core/live';
import { Position } from '../../core/position';
import { TodayFigures } from '../../core/today-figures';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { ItemState } from '../../ui/item-state';
import { injectLocator } from '../../ui/locator';
import { Sheet } from '../../ui/sheet';
import { Toast } from '../../ui/toast';
import { Photos } from './photos';

/** Shorter visits count as not compliant. */
const MINIMUM_MINUTES = 3;

const RESULTS: readonly VisitResult[] = ['HasOrder', 'NoOrder', 'Closed', 'OwnerAway'];

/** The open visit as a checklist. Each step is saved the moment it is done; leaving loses nothing. */
@Component({
  selector: 'fld-visit',
  imports: [RouterLink, Icon, ItemState, Photos, Sheet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './visit.html',
  styleUrl: './visit.scss',
})
export class Visit {
  private readonly day = inject(Day);
  private readonly db = inject(FieldStore).db;
  private readonly position = inject(Position);
  private readonly toast = inject(Toast);
  private readonly figures = inject(TodayFigures);
  protected readonly t = injectT();
  protected readonly time = format.time;
  protected readonly money = format.money;
  protected readonly distance = distanceText;
  protected readonly locator = injectLocator();

  readonly visit = input.required<LocalVisit>();
  readonly finished = output();

  protected readonly states: readonly OutletState[] = ['open', 'closed', 'ownerAway'];
  protected readonly results = RESULTS;
  protected readonly minimum = MINIMUM_MINUTES;

  private readonly now = signal(Date.now());
  protected readonly minutes = computed(() =>
    Math.max(0, Math.floor((this.now() - this.visit().checkedInAt) / 60_000)),
  );
  protected readonly orders = computed(() =>
    this.figures.orders().filter((order) => order.visitId === this.visit().id),
  );
  protected readonly draftLines = liveFor(
    () => this.visit().customerId,
    async (id) => (await this.db.drafts.get(id))?.lines.length ?? 0,
    0,
  );
  /** The album a closed outlet must have a photo in. */
  protected readonly closedPhotos = liveFor(
    () => this.visit().id,
    (id) =>
      this.db.photos
        .where('visitId')
        .equals(id)
        .and((photo) => photo.album === 'closed')
        .count(),
    0,
  );
  protected readonly suggested = computed((): VisitResult => {
    if (this.orders().length > 0) return 'HasOrder';
    const state = this.visit().outletState;
    return state === 'closed' ? 'Closed' : state === 'ownerAway' ? 'OwnerAway' : 'NoOrder';
  });

  protected readonly ending = signal(false);
  protected readonly busy = signal(false);
  private readonly chosen = signal<VisitResult | null>(null);
  protected readonly result = computed(() => this.chosen() ?? this.suggested());
  /** A visit needs a photo; one that ends with "closed" a photo of the closed door. */
  protected readonly needsDoor = computed(() => this.result() === 'Closed');
  protected readonly photos = computed(
    () => this.visit().photoIds.length + this.visit().photosElsewhere,
  );
  /** What another phone took is not looked into: the server has the last word. */
  protected readonly photosDone = computed(() =>
    this.needsDoor() && this.visit().photosElsewhere === 0
      ? this.closedPhotos() > 0
      : this.photos() > 0,
  );

  constructor() {
    const timer = setInterval(() => this.now.set(Date.now()), 15_000);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }

  protected setState(outletState: OutletState): void {
    void this.day.note(this.visit().id, { outletState });
  }

  protected setNotes(notes: string): void {
    void this.day.note(this.visit().id, { notes });
  }

  protected choose(result: VisitResult): void {
    this.chosen.set(result);
  }

  protected end(): void {
    this.chosen.set(null);
    this.ending.set(true);
    void this.locator.find(5_000);
  }

  protected async confirm(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    try {
      const visit = this.visit();
      // Where the visit began is a better answer than none.
      const fix = this.locator.fix() ?? this.position.fix() ?? visit.fix;
      await this.day.checkOut(visit.id, this.result(), fix);
      this.ending.set(false);
      this.toast.show(this.t('visit.finished', { name: visit.customerName }));
      this.finished.emit();
    } finally {
      this.busy.set(false);
    }
  }
}
