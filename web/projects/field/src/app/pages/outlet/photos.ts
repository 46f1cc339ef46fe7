import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  computed,
  inject,
  input,
  linkedSignal,
  signal,
} from '@angular/core';
import { shrink } from '@dms/shared';
import { ALBUMS, type Album } from '../../core/api-types';
import { Day } from '../../core/day';
import type { LocalPhoto, LocalVisit } from '../../core/field-db';
import { FieldStore } from '../../core/field-store';
import { liveFor } from '../../core/live';
import { Position } from '../../core/position';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { ItemState } from '../../ui/item-state';
import { Toast } from '../../ui/toast';

const NONE: LocalPhoto[] = [];

/** Photos of a visit: an album, the camera, what was taken so far with its tick. */
@Component({
  selector: 'fld-photos',
  imports: [Icon, ItemState],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="albums" role="radiogroup" [attr.aria-label]="t('visit.stepPhotos')">
      @for (option of albums; track option) {
        <label>
          <input
            type="radio"
            name="album"
            [value]="option"
            [checked]="album() === option"
            (change)="album.set(option)"
          />
          {{ name(option) }}
        </label>
      }
    </div>
    <label class="btn wide" [class.primary]="visit().photoIds.length === 0">
      <fld-icon name="camera" />
      {{
        busy()
          ? t('visit.photoWorking')
          : t('visit.takePhoto', { album: name(album()).toLowerCase() })
      }}
      <input
        #file
        class="visually-hidden"
        type="file"
        accept="image/*"
        capture="environment"
        [disabled]="busy()"
        (change)="take(file)"
      />
    </label>
    @if (failed()) {
      <p class="notice bad" role="alert">
        <fld-icon name="warn" /><span>{{ t('visit.photoFailed') }}</span>
      </p>
    }
    @if (photos().length > 0) {
      <ul>
        @for (photo of photos(); track photo.id) {
          <li>
            <img [src]="url(photo)" [alt]="name(photo.album)" width="96" height="96" />
            <fld-item-state [item]="photo.itemId" />
          </li>
        }
      </ul>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--gap);
    }
    .albums {
      display: flex;
      gap: 8px;
      overflow-x: auto;
      margin: 0 -14px;
      padding: 3px 14px;
      scrollbar-width: none;
    }
    .albums label {
      position: relative;
      flex: none;
      display: inline-flex;
      align-items: center;
      min-height: 48px;
      padding: 0 16px;
      border: 1.5px solid var(--line);
      border-radius: 24px;
      font-weight: 600;
    }
    .albums label:has(:checked) {
      border-color: var(--brand);
      background: var(--brand-soft);
      color: var(--brand-dark);
    }
    .albums input {
      position: absolute;
      inset: 0;
      opacity: 0;
      margin: 0;
    }
    .albums label:has(:focus-visible),
    .btn:has(:focus-visible) {
      outline: 3px solid #f5a300;
    }
    ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(140px, 1fr));
      gap: 10px;
    }
    li {
      display: grid;
      gap: 4px;
      justify-items: start;
    }
    img {
      width: 100%;
      height: 110px;
      object-fit: cover;
      border-radius: 8px;
      border: 1px solid var(--line);
      background: var(--ground);
    }
  `,
})
export class Photos {
  private readonly day = inject(Day);
  private readonly db = inject(FieldStore).db;
  private readonly position = inject(Position);
  private readonly toast = inject(Toast);
  protected readonly t = injectT();

  readonly visit = input.required<LocalVisit>();

  protected readonly albums = Object.keys(ALBUMS) as Album[];
  protected readonly busy = signal(false);
  protected readonly failed = signal(false);
  private readonly closed = computed(() => this.visit().outletState === 'closed');
  /** The rep's choice, until another state of the outlet suggests another album. */
  protected readonly album = linkedSignal((): Album => (this.closed() ? 'closed' : 'storefront'));
  protected readonly photos = liveFor(
    () => this.visit().id,
    (id) => this.db.photos.where('visitId').equals(id).sortBy('id'),
    NONE,
  );
  private readonly urls = new Map<string, string>();

  constructor() {
    inject(DestroyRef).onDestroy(() => this.urls.forEach((url) => URL.revokeObjectURL(url)));
  }

  protected name(album: Album): string {
    return this.t(`album.${album}`);
  }

  protected url(photo: LocalPhoto): string {
    let url = this.urls.get(photo.id);
    if (!url) {
      url = URL.createObjectURL(new Blob([photo.bytes], { type: photo.type }));
      this.urls.set(photo.id, url);
    }
    return url;
  }

  protected async take(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = ''; // the same file may be chosen again
    if (!file) return;
    this.busy.set(true);
    this.failed.set(false);
    try {
      const bytes = await small(file);
      if (!bytes) {
        this.failed.set(true);
        return;
      }
      await this.day.addPhoto(this.visit(), this.album(), bytes, this.position.fix());
      this.toast.show(this.t('visit.photoSaved'));
    } finally {
      this.busy.set(false);
    }
  }
}

/** The JPEG to keep, or null when the file is no picture. */
async function small(file: File): Promise<ArrayBuffer | null> {
  try {
    return await (await shrink(file)).blob.arrayBuffer();
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
