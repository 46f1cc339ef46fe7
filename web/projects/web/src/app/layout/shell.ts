import { ChangeDetectionStrategy, Component, computed, effect, inject } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatMenuModule } from '@angular/material/menu';
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { AuthStore, Hub, HubState, Lang, Language, injectTranslate } from '@dms/shared';
import { WebKey, webDict } from '../core/dict';
import { visibleMenu } from '../core/menu';
import { Icon } from '../ui/icon';
import { Bell } from './bell';

const HUB_TEXT: Readonly<Record<HubState, WebKey>> = {
  off: 'hub.off',
  connecting: 'hub.connecting',
  on: 'hub.on',
  reconnecting: 'hub.reconnecting',
};

@Component({
  selector: 'dms-shell',
  imports: [RouterOutlet, RouterLink, RouterLinkActive, MatButtonModule, MatMenuModule, Icon, Bell],
  templateUrl: './shell.html',
  styleUrl: './shell.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Shell {
  private readonly router = inject(Router);
  private readonly hub = inject(Hub);
  private readonly language = inject(Language);
  protected readonly auth = inject(AuthStore);
  protected readonly t = injectTranslate(webDict);

  protected readonly menu = computed(() => visibleMenu(this.auth));
  protected readonly lang = this.language.current;
  protected readonly hubState = this.hub.state;
  protected readonly hubText = computed(() => this.t(HUB_TEXT[this.hub.state()]));

  protected readonly role = computed(() => {
    const role = this.auth.user()?.role;
    return role ? this.t(`role.${role}`) : '';
  });

  /** Whose data one sees: a distributor's, the whole company's, or that of the role's units. */
  protected readonly place = computed(() => {
    const user = this.auth.user();
    if (!user) return '';
    if (user.distributorName) return user.distributorName;
    return user.role === 'company_admin' ? this.t('shell.company') : this.role();
  });

  constructor() {
    this.hub.connect();
    effect(() => {
      if (this.auth.loggedIn()) return;
      const next = this.router.url;
      void this.router.navigate(['/login'], {
        queryParams: this.auth.endReason() && next !== '/' ? { next } : {},
      });
    });
    effect(() => {
      if (this.auth.mustChangePassword()) this.changePassword();
    });
  }

  protected use(lang: Lang): void {
    this.language.use(lang);
  }

  protected changePassword(): void {
    void this.router.navigate(['/password'], { queryParams: { next: this.router.url } });
  }

  protected logout(): void {
    void this.auth.logout();
  }
}
