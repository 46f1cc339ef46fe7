import { Injectable, effect, inject, signal } from '@angular/core';

/** Vietnamese is the first language of every screen, English the second. */
export type Lang = 'vi' | 'en';

/** Texts by key in both languages. `{name}` in a text is a parameter. */
export interface Dictionary<K extends string> {
  readonly vi: Readonly<Record<K, string>>;
  readonly en: Readonly<Record<K, string>>;
}

/** The translate function of one dictionary; it reads the language signal, so templates follow a switch. */
export type Translate<K extends string> = (
  key: K,
  params?: Readonly<Record<string, string | number>>,
) => string;

/** Vietnamese is the source: a key missing in English (or one too many) does not compile. */
export function dictionary<const V extends Readonly<Record<string, string>>>(
  vi: V,
  en: Readonly<Record<keyof V & string, string>>,
): Dictionary<keyof V & string> {
  return { vi, en };
}

const STORAGE_KEY = 'dms.lang';

/** The language in use, remembered on this device. */
@Injectable({ providedIn: 'root' })
export class Language {
  private readonly chosen = signal<Lang>(localStorage.getItem(STORAGE_KEY) === 'en' ? 'en' : 'vi');
  readonly current = this.chosen.asReadonly();

  constructor() {
    effect(() => (document.documentElement.lang = this.chosen()));
  }

  use(lang: Lang): void {
    localStorage.setItem(STORAGE_KEY, lang);
    this.chosen.set(lang);
  }
}

/** The translate function of `dict`; call in an injection context. */
export function injectTranslate<K extends string>(dict: Dictionary<K>): Translate<K> {
  const language = inject(Language);
  return (key, params) => fill(dict[language.current()][key], params);
}

function fill(text: string, params?: Readonly<Record<string, string | number>>): string {
  if (!params) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in params ? String(params[name]) : whole,
  );
}
