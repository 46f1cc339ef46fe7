import { registerLocaleData } from '@angular/common';
import vi from '@angular/common/locales/vi';
import { ApplicationConfig, LOCALE_ID, provideBrowserGlobalErrorListeners } from '@angular/core';
import { DateAdapter, MAT_DATE_FORMATS, MAT_DATE_LOCALE } from '@angular/material/core';
import { MAT_FORM_FIELD_DEFAULT_OPTIONS } from '@angular/material/form-field';
import { TitleStrategy, provideRouter, withComponentInputBinding } from '@angular/router';
import { SESSION_OPTIONS } from '@dms/shared';
import { routes } from './app.routes';
import { DictTitleStrategy } from './core/title';
import { VI_DATE_FORMATS, ViDateAdapter } from './core/vi-date-adapter';

registerLocaleData(vi);

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideRouter(routes, withComponentInputBinding()),
    { provide: SESSION_OPTIONS, useValue: { storageKey: 'dms.web', idleMinutes: 30 } },
    { provide: TitleStrategy, useClass: DictTitleStrategy },
    { provide: LOCALE_ID, useValue: 'vi' },
    { provide: MAT_DATE_LOCALE, useValue: 'vi' },
    { provide: MAT_DATE_FORMATS, useValue: VI_DATE_FORMATS },
    { provide: DateAdapter, useClass: ViDateAdapter },
    {
      // Outline: at this density the floating label of a filled field would vanish.
      provide: MAT_FORM_FIELD_DEFAULT_OPTIONS,
      useValue: { appearance: 'outline', subscriptSizing: 'dynamic' },
    },
  ],
};
