import { Injectable, effect, inject, signal } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { RouterStateSnapshot, TitleStrategy } from '@angular/router';
import { injectTranslate } from '@dms/shared';
import { WebKey, webDict } from './dict';

/** Route titles are dictionary keys; the title of the window follows a language switch. */
@Injectable()
export class DictTitleStrategy extends TitleStrategy {
  private readonly title = inject(Title);
  private readonly t = injectTranslate(webDict);
  private readonly key = signal<WebKey | null>(null);

  constructor() {
    super();
    effect(() => {
      const key = this.key();
      this.title.setTitle(key ? `${this.t(key)} – DILIGO DMS` : 'DILIGO DMS');
    });
  }

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const key = this.buildTitle(snapshot);
    this.key.set(key && key in webDict.vi ? (key as WebKey) : null);
  }
}
