import { registerLocaleData } from '@angular/common';
import vi from '@angular/common/locales/vi';
import {
  type ApplicationConfig,
  ErrorHandler,
  LOCALE_ID,
  isDevMode,
  provideBrowserGlobalErrorListeners,
} from '@angular/core';
import { provideRouter, withComponentInputBinding, withInMemoryScrolling } from '@angular/router';
import { provideServiceWorker } from '@angular/service-worker';
import { SESSION_OPTIONS } from '@dms/shared';
import { routes } from './app.routes';
import { FieldErrors } from './core/field-errors';

registerLocaleData(vi);

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    { provide: ErrorHandler, useClass: FieldErrors },
    provideRouter(
      routes,
      withComponentInputBinding(),
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
    ),
    { provide: LOCALE_ID, useValue: 'vi' },
    // A rep's phone keeps the session through the day: it is the refresh token's life that ends it.
    { provide: SESSION_OPTIONS, useValue: { storageKey: 'dms.field.session', idleMinutes: null } },
    provideServiceWorker('field-sw.js', {
      enabled: !isDevMode(),
      registrationStrategy: 'registerWhenStable:5000',
    }),
  ],
};
