import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  ElementRef,
  ViewEncapsulation,
  afterNextRender,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import type * as Leaflet from 'leaflet';
import { injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import type { PersonState } from './board';
import { PLACES } from './places';
import type { LivePerson, Outlet } from './today.api';

export interface RepOnMap {
  readonly rep: LivePerson;
  readonly state: PersonState;
}

const COLOURS: Readonly<Record<PersonState, string>> = {
  visiting: '#0b5cad',
  working: '#1a7a42',
  done: '#6b7885',
  absent: '#9aa7b4',
};
const VIETNAM: Leaflet.LatLngBoundsLiteral = [
  [8.2, 102.1],
  [23.4, 109.5],
];
/** The outline data has no archipelagos; a map of Viet Nam shows both as Vietnamese. */
const ISLANDS: readonly (readonly [string, Leaflet.LatLngTuple])[] = [
  ['Quần đảo Hoàng Sa (Việt Nam)', [16.5, 112]],
  ['Quần đảo Trường Sa (Việt Nam)', [9.5, 113.5]],
];

/** The reps on an outline of the country, drawn from a file of our own: no map server is asked. */
@Component({
  selector: 'dms-rep-map',
  template: `
    <div #map class="map" role="application" [attr.aria-label]="t('map.label')"></div>
    @if (failed()) {
      <p class="notice warn" role="status">{{ t('map.failed') }}</p>
    }
  `,
  styleUrl: './rep-map.scss',
  encapsulation: ViewEncapsulation.None,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RepMap {
  readonly reps = input.required<readonly RepOnMap[]>();
  /** Outlets with a known place: small dots, so that a street-level map is not empty. */
  readonly outlets = input<readonly Outlet[]>([]);
  readonly chosen = input<string | null>(null);
  readonly choose = output<string>();

  protected readonly t = injectTranslate(webDict);
  protected readonly failed = signal(false);
  private readonly element = viewChild.required<ElementRef<HTMLElement>>('map');
  private readonly destroy = inject(DestroyRef);
  private readonly ready = signal<{ leaflet: typeof Leaflet; map: Leaflet.Map } | null>(null);
  private readonly markers = new Map<string, Leaflet.Marker>();
  private outletRenderer: Leaflet.Canvas | null = null;
  private outletDots: Leaflet.LayerGroup | null = null;
  private fitted = false;

  constructor() {
    afterNextRender(() => void this.start());
    effect(() => {
      const ready = this.ready();
      const reps = this.reps();
      const chosen = this.chosen();
      if (ready) untracked(() => this.draw(ready.leaflet, ready.map, reps, chosen));
    });
    effect(() => {
      const ready = this.ready();
      const outlets = this.outlets();
      if (ready) this.drawOutlets(ready.leaflet, ready.map, outlets);
    });
    effect(() => {
      const ready = this.ready();
      const chosen = this.chosen();
      const rep = untracked(this.reps).find((entry) => entry.rep.userId === chosen)?.rep;
      const at = rep && position(rep);
      if (ready && at) ready.map.setView(at, Math.max(ready.map.getZoom(), 14));
    });
  }

  private async start(): Promise<void> {
    const module = await import('leaflet');
    // Leaflet 1.9 is UMD: bundled, its names stand under `default`.
    const leaflet = (module as unknown as { default?: typeof Leaflet }).default ?? module;
    if (this.destroy.destroyed) return;
    const map = leaflet.map(this.element().nativeElement, { maxZoom: 18, zoomSnap: 0.5 });
    map.fitBounds(VIETNAM);
    map.attributionControl.setPrefix('Leaflet').addAttribution('Natural Earth');
    leaflet.control.scale({ imperial: false }).addTo(map);
    const resized = new ResizeObserver(() => map.invalidateSize());
    resized.observe(this.element().nativeElement);
    this.destroy.onDestroy(() => {
      resized.disconnect();
      map.remove();
    });
    this.ready.set({ leaflet, map });
    await this.background(leaflet, map);
  }

  private async background(leaflet: typeof Leaflet, map: Leaflet.Map): Promise<void> {
    for (const [name, at] of ISLANDS) {
      const icon = leaflet.divIcon({ className: 'island', html: name, iconSize: [170, 16] });
      leaflet.marker(at, { icon, interactive: false, keyboard: false }).addTo(map);
    }
    const towns = leaflet.layerGroup();
    for (const [name, latitude, longitude] of PLACES) {
      const icon = leaflet.divIcon({ className: 'town', html: name, iconSize: [0, 0] });
      const options = { icon, interactive: false, keyboard: false, zIndexOffset: -1000 };
      leaflet.marker([latitude, longitude], options).addTo(towns);
    }
    // From afar the names would cover each other.
    const nameTowns = () => (map.getZoom() >= 7.5 ? towns.addTo(map) : towns.remove());
    map.on('zoomend', nameTowns);
    nameTowns();
    try {
      const response = await fetch('geo/region.json');
      if (!response.ok) throw new Error(`outline: ${response.status}`);
      const region = (await response.json()) as Parameters<typeof leaflet.geoJSON>[0];
      leaflet
        .geoJSON(region, {
          interactive: false,
          style: (feature) => ({
            color: '#a9b8c6',
            weight: 1,
            fillColor: feature?.properties?.['n'] === 'Vietnam' ? '#fffdf5' : '#eef1f3',
            fillOpacity: 1,
          }),
        })
        .addTo(map)
        .bringToBack();
    } catch {
      this.failed.set(true); // the reps are shown all the same
    }
  }

  private drawOutlets(leaflet: typeof Leaflet, map: Leaflet.Map, outlets: readonly Outlet[]): void {
    this.outletDots?.remove();
    this.outletDots = leaflet.layerGroup().addTo(map);
    // A pane of its own, above the outline; one canvas carries hundreds of dots.
    const pane = 'outlets';
    (map.getPane(pane) ?? map.createPane(pane)).style.zIndex = '450';
    this.outletRenderer ??= leaflet.canvas({ pane });
    const renderer = this.outletRenderer;
    for (const { name, latitude, longitude } of outlets) {
      leaflet
        .circleMarker([latitude, longitude], {
          renderer,
          pane,
          radius: 3,
          weight: 1,
          color: '#8697a8',
          fillColor: '#c3ced9',
          fillOpacity: 1,
        })
        .bindTooltip(document.createTextNode(name) as unknown as HTMLElement)
        .addTo(this.outletDots);
    }
  }

  private draw(
    leaflet: typeof Leaflet,
    map: Leaflet.Map,
    reps: readonly RepOnMap[],
    chosen: string | null,
  ): void {
    const shown = new Set<string>();
    for (const { rep, state } of reps) {
      const at = position(rep);
      if (!at) continue;
      shown.add(rep.userId);
      const icon = leaflet.divIcon({
        className: `rep${rep.userId === chosen ? ' chosen' : ''}`,
        html: pin(rep.fullName, COLOURS[state]),
        iconSize: [30, 30],
      });
      let marker = this.markers.get(rep.userId);
      if (marker) {
        marker.setLatLng(at).setIcon(icon);
      } else {
        marker = leaflet
          .marker(at, { icon, title: rep.fullName, alt: rep.fullName })
          .on('click', () => this.choose.emit(rep.userId))
          .addTo(map);
        this.markers.set(rep.userId, marker);
      }
    }
    for (const [userId, marker] of this.markers) {
      if (!shown.has(userId)) {
        marker.remove();
        this.markers.delete(userId);
      }
    }
    if (!this.fitted && shown.size > 0) {
      this.fitted = true;
      const points = reps.map(({ rep }) => position(rep)).filter((at) => at !== null);
      map.fitBounds(leaflet.latLngBounds(points), { maxZoom: 12, padding: [40, 40] });
    }
  }
}

function position(rep: LivePerson): Leaflet.LatLngTuple | null {
  return rep.position ? [rep.position.latitude, rep.position.longitude] : null;
}

/** A dot with initials. The name comes from the server: only letters of it get into the markup. */
function pin(fullName: string, colour: string): string {
  const words = fullName.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const initials = words
    .slice(-2)
    .map((word) => word[0])
    .join('')
    .toLocaleUpperCase('vi');
  return `<span style="background:${colour}">${initials}</span>`;
}
