import { ErrorHandler } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import Dexie from 'dexie';
import { Toast } from '../ui/toast';
import { FieldErrors } from './field-errors';

const quota = () => new DOMException('full', 'QuotaExceededError');

describe('a fault nobody caught', () => {
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    TestBed.configureTestingModule({
      providers: [{ provide: ErrorHandler, useClass: FieldErrors }],
    });
  });
  afterEach(() => vi.restoreAllMocks());

  const shown = (error: unknown) => {
    TestBed.inject(ErrorHandler).handleError(error);
    return TestBed.inject(Toast).message();
  };

  it.each([
    ['the browser', quota()],
    ['an aborted transaction', new Dexie.AbortError('aborted', quota())],
    ['one row of many', Object.assign(new Error('bulk'), { failures: [quota()] })],
  ])('is a full storage, told by %s, and the rep is told what to do', (_by, error) => {
    expect(shown(error)).toMatchObject({
      bad: true,
      text: expect.stringContaining('Bộ nhớ điện thoại đã đầy'),
    });
  });

  it.each([[new Error('other')], [null], ['text']])('is nothing the rep can mend: %s', (error) => {
    expect(shown(error)).toBeNull();
  });
});
