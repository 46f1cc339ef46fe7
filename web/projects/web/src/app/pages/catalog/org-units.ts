import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { injectTranslate, matches } from '@dms/shared';
import { webDict } from '../../core/dict';
import { load } from '../../core/load';
import { SearchBox } from '../../ui/search-box';
import { State } from '../../ui/state';
import { CatalogApi } from './catalog.api';
import { flattenTree } from './org-tree';

/** The organisation as an indented tree; a search keeps the ancestors of what it finds. */
@Component({
  selector: 'dms-org-units',
  imports: [SearchBox, State],
  template: `
    <div class="page">
      <div class="page-head">
        <h1>{{ t('nav.orgUnits') }}</h1>
      </div>
      <div class="toolbar" role="search">
        <dms-search-box [label]="t('org.search')" (changed)="search.set($event)" />
      </div>
      <section class="card scroll grow" tabindex="0">
        @if (units.error() || !lines().length) {
          <dms-state
            [loading]="units.loading()"
            [error]="units.error()"
            [empty]="search() ? t('list.noMatch') : ''"
            (retry)="units.reload()"
          />
        } @else {
          <ul role="tree" [attr.aria-label]="t('nav.orgUnits')">
            @for (line of lines(); track line.unit.unitId) {
              <li
                role="treeitem"
                aria-selected="false"
                [attr.aria-level]="line.level + 1"
                [style.padding-left.px]="14 + line.level * 22"
                [class.dim]="!line.hit"
              >
                <strong>{{ line.unit.name }}</strong>
                <span class="muted">{{ line.unit.code }}</span>
                @if (line.unit.isSupervisor) {
                  <span class="chip info">{{ t('org.supervisor') }}</span>
                }
                @if (line.unit.isSalesGroup) {
                  <span class="chip">{{ t('org.salesGroup') }}</span>
                }
              </li>
            }
          </ul>
        }
      </section>
    </div>
  `,
  styles: `
    :host {
      display: block;
      height: 100%;
    }
    ul {
      margin: 0;
      padding: 4px 0;
      list-style: none;
    }
    li {
      display: flex;
      gap: 10px;
      align-items: baseline;
      padding: 4px 14px;
      border-bottom: 1px solid #edf0f4;
    }
    .dim strong {
      font-weight: 400;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class OrgUnits {
  private readonly api = inject(CatalogApi);
  protected readonly t = injectTranslate(webDict);

  protected readonly search = signal('');
  protected readonly units = load(
    () => true,
    () => this.api.orgUnits(),
  );
  protected readonly lines = computed(() =>
    flattenTree(this.units.value() ?? [], (unit) => matches(this.search(), unit.code, unit.name)),
  );
}
