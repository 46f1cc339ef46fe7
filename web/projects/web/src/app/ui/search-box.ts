import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  effect,
  inject,
  input,
  output,
} from '@angular/core';
import { FormControl, ReactiveFormsModule } from '@angular/forms';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { debounceTime, distinctUntilChanged, map } from 'rxjs';
import { injectTranslate } from '@dms/shared';
import { webDict } from '../core/dict';
import { Icon } from './icon';

/** A search field that speaks up once the typing pauses. */
@Component({
  selector: 'dms-search-box',
  imports: [ReactiveFormsModule, MatFormFieldModule, MatInputModule, Icon],
  template: `
    <mat-form-field>
      <mat-label>{{ label() || t('common.search') }}</mat-label>
      <dms-icon matPrefix name="search" />
      <input matInput type="search" autocomplete="off" [formControl]="control" />
    </mat-form-field>
  `,
  styles: `
    mat-form-field {
      width: 240px;
    }
    dms-icon {
      margin: 0 2px 0 8px;
      color: var(--dms-muted);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SearchBox {
  readonly value = input('');
  readonly label = input('');
  readonly changed = output<string>();

  protected readonly t = injectTranslate(webDict);
  protected readonly control = new FormControl('', { nonNullable: true });

  constructor() {
    effect(() => {
      if (this.value() !== this.control.value.trim()) {
        this.control.setValue(this.value(), { emitEvent: false });
      }
    });
    this.control.valueChanges
      .pipe(
        debounceTime(250),
        map((text) => text.normalize('NFC').trim()),
        distinctUntilChanged(),
        takeUntilDestroyed(inject(DestroyRef)),
      )
      .subscribe((text) => this.changed.emit(text));
  }
}
