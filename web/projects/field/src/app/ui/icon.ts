import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** Outlines on a 24 × 24 grid, drawn with a 2 px stroke. */
const PATHS = {
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  close: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2.5 12.5L7 17l8-9M11.5 16.5L12 17l9.5-9.5',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20',
  today: 'M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z',
  orders: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  sync: 'M4 12a8 8 0 0 1 13.7-5.7L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.7L4 15.5M4 20v-4.5h4.5',
  me: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  pin: 'M12 21c-4-4.2-6.5-7.4-6.5-11a6.5 6.5 0 0 1 13 0c0 3.6-2.5 6.8-6.5 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2',
  phone:
    'M5 4h4l1.5 5-2.5 1.5a12 12 0 0 0 5.5 5.5L15 13.5l5 1.5v4a1.5 1.5 0 0 1-1.6 1.5C10.5 20 4 13.5 3.5 5.6A1.5 1.5 0 0 1 5 4z',
  map: 'M4 12l16-8-6 17-3-7z',
  warn: 'M12 4l9.5 16h-19zM12 10v4.5M12 17.3v.2',
  gift: 'M4 9h16v4H4zM5.5 13h13v7h-13zM12 9v11M12 9c-4 0-5-5-2.5-5S12 9 12 9zm0 0c4 0 5-5 2.5-5S12 9 12 9z',
  store:
    'M4 10l1.5-6h13L20 10M4 10a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0A2.7 2.7 0 0 0 20 10M5.5 12.5V20h13v-7.5M10 20v-4.5h4V20',
  cart: 'M3 4h2.5l2.5 11h10l2.5-8H6.5M9.5 20a1 1 0 1 0 0-.1M16.5 20a1 1 0 1 0 0-.1',
  note: 'M5 3.5h14v17H5zM8.5 8h7M8.5 12h7M8.5 16h4',
  offline:
    'M3 3l18 18M5 9.5a11 11 0 0 1 4-2.3M12.5 6.5A11 11 0 0 1 19 9.5M8 13a6 6 0 0 1 3-1.7M14.5 12l1.5 1M12 17.5v.2',
  phoneSaved: 'M7 3h10v18H7zM10 18h4M9.7 10.5l1.8 1.8 3-3.3',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  list: 'M8 6h12M8 12h12M8 18h12M4 6v.1M4 12v.1M4 18v.1',
  logout: 'M14 4H5v16h9M10 12h11M17.5 8.5L21 12l-3.5 3.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon; the text beside it, or the label of its button, says what it means. */
@Component({
  selector: 'fld-icon',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { 'aria-hidden': 'true' },
  template: `<svg viewBox="0 0 24 24" [attr.width]="size()" [attr.height]="size()">
    <path [attr.d]="path()" />
  </svg>`,
  styles: `
    :host {
      display: inline-flex;
      flex: none;
    }
    path {
      fill: none;
      stroke: currentColor;
      stroke-width: 2;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `,
})
export class Icon {
  readonly name = input.required<IconName>();
  readonly size = input(24);
  protected readonly path = computed(() => PATHS[this.name()]);
}
