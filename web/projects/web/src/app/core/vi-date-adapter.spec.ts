import { TestBed } from '@angular/core/testing';
import { MAT_DATE_LOCALE } from '@angular/material/core';
import { ViDateAdapter } from './vi-date-adapter';

describe('typed dates', () => {
  let dates: ViDateAdapter;

  beforeEach(() => {
    TestBed.configureTestingModule({
      providers: [ViDateAdapter, { provide: MAT_DATE_LOCALE, useValue: 'vi' }],
    });
    dates = TestBed.inject(ViDateAdapter);
  });

  it('are day first', () => {
    const date = dates.parse('05/12/2026');
    expect([date?.getDate(), date?.getMonth(), date?.getFullYear()]).toEqual([5, 11, 2026]);
    expect(dates.parse('5-1-26')?.getFullYear()).toBe(2026);
  });

  it('must exist', () => {
    expect(dates.isValid(dates.parse('31/02/2026')!)).toBe(false);
    expect(dates.isValid(dates.parse('2026-02-01')!)).toBe(false);
    expect(dates.parse('')).toBeNull();
  });
});
