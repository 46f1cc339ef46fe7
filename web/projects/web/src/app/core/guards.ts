import { inject } from '@angular/core';
import { CanActivateFn, Router, UrlTree } from '@angular/router';
import { AuthStore } from '@dms/shared';
import { MENU, visibleMenu } from './menu';

/** Only with a session; remembers where one wanted to go. */
export const loggedIn: CanActivateFn = (_route, state) =>
  inject(AuthStore).loggedIn() ||
  inject(Router).createUrlTree(['/login'], {
    queryParams: state.url === '/' ? {} : { next: state.url },
  });

/** A password that somebody else set is changed before anything else. */
export const ownPassword: CanActivateFn = (_route, state) =>
  !inject(AuthStore).mustChangePassword() ||
  inject(Router).createUrlTree(['/password'], {
    queryParams: state.url === '/' ? {} : { next: state.url },
  });

/** Screens the menu does not offer to this account lead home. */
export const permitted: CanActivateFn = (_route, state): boolean | UrlTree => {
  const auth = inject(AuthStore);
  const path = state.url.split('?')[0];
  const item = MENU.flatMap((group) => group.items).find((entry) => path.startsWith(entry.path));
  return !item || auth.canAny(...item.needs) || inject(Router).createUrlTree(['/']);
};

/** The first screen of the account's menu. */
export const home: CanActivateFn = () => {
  const [group] = visibleMenu(inject(AuthStore));
  return group ? inject(Router).createUrlTree([group.items[0].path]) : true;
};
