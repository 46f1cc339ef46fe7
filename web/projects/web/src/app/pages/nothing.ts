import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AuthStore, injectTranslate } from '@dms/shared';
import { webDict } from '../core/dict';
import { visibleMenu } from '../core/menu';

/** An address without a screen, or an account that has none here (a rep, who works on the phone). */
@Component({
  selector: 'dms-nothing',
  imports: [RouterLink],
  template: `
    <div class="page">
      @if (hasMenu) {
        <h1>{{ t('nothing.title') }}</h1>
        <p>
          {{ t('nothing.text') }} <a routerLink="/">{{ t('nothing.home') }}</a>
        </p>
      } @else {
        <h1>{{ t('nothing.phoneTitle') }}</h1>
        <p>
          {{ t('nothing.phoneText') }} <a href="/field/">{{ t('nothing.phoneLink') }}</a>
        </p>
      }
    </div>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NothingHere {
  protected readonly t = injectTranslate(webDict);
  protected readonly hasMenu = visibleMenu(inject(AuthStore)).length > 0;
}
