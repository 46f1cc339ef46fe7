import { TestBed } from '@angular/core/testing';
import { signal } from '@angular/core';
import { ApiProblem } from '@dms/shared';
import { load } from './load';

describe('load', () => {
  it('shows only the answer to the newest request', async () => {
    const answers = new Map<string, (text: string) => void>();
    const wanted = signal('first');
    const loaded = TestBed.runInInjectionContext(() =>
      load(wanted, (key) => new Promise<string>((resolve) => answers.set(key, resolve))),
    );
    TestBed.tick();
    wanted.set('second');
    TestBed.tick();
    answers.get('second')!('new');
    answers.get('first')!('old');
    await Promise.resolve();
    await Promise.resolve();
    expect(loaded.value()).toBe('new');
    expect(loaded.loading()).toBe(false);
  });

  it('keeps what it had when a reload fails, and says so', async () => {
    let fail = false;
    const loaded = TestBed.runInInjectionContext(() =>
      load(
        () => true,
        () => (fail ? Promise.reject(ApiProblem.network('gone')) : Promise.resolve(7)),
      ),
    );
    TestBed.tick();
    await vi.waitFor(() => expect(loaded.value()).toBe(7));
    fail = true;
    loaded.reload();
    TestBed.tick();
    await vi.waitFor(() => expect(loaded.error()?.offline).toBe(true));
    expect(loaded.value()).toBe(7);
  });
});
