import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { MatRadioModule } from '@angular/material/radio';
import { MatSelectModule } from '@angular/material/select';
import { ApiProblem, AuthStore, format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { Feedback } from '../../core/feedback';
import { load } from '../../core/load';
import { saveFile } from '../../core/save-file';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { CatalogApi } from '../catalog/catalog.api';
import { ImportErrors } from './import-errors';
import { IMPORT_KINDS, ImportAnswer, ImportKind, ImportsApi, PER_DISTRIBUTOR } from './imports.api';

/** Loads a file of the company: check it first, see every bad row, then load. */
@Component({
  selector: 'dms-imports',
  imports: [
    MatButtonModule,
    MatFormFieldModule,
    MatInputModule,
    MatRadioModule,
    MatSelectModule,
    Icon,
    ImportErrors,
    ProblemNotice,
  ],
  templateUrl: './imports.html',
  styleUrl: './imports.scss',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Imports {
  private readonly api = inject(ImportsApi);
  private readonly catalog = inject(CatalogApi);
  private readonly auth = inject(AuthStore);
  private readonly feedback = inject(Feedback);
  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  protected readonly kilobytes = (file: File) => Math.ceil(file.size / 1024);

  protected readonly kinds = (Object.keys(IMPORT_KINDS) as ImportKind[]).filter((kind) =>
    this.auth.can(IMPORT_KINDS[kind]),
  );
  protected readonly kind = signal<ImportKind>(this.kinds[0]);
  protected readonly goodRows = signal(false);
  protected readonly distributor = signal('');
  protected readonly file = signal<File | null>(null);
  protected readonly busy = signal(false);
  protected readonly problem = signal<ApiProblem | null>(null);
  /** What the last run said; a dry run first, then the real one. */
  protected readonly result = signal<{ dryRun: boolean; answer: ImportAnswer } | null>(null);

  /** Company accounts say whose customers or stock the file holds. */
  protected readonly asksDistributor = computed(
    () => !this.auth.user()?.distributorId && PER_DISTRIBUTOR.includes(this.kind()),
  );
  protected readonly distributors = load(
    () => (this.asksDistributor() ? true : null),
    () => this.catalog.allDistributors(),
  );
  protected readonly ready = computed(
    () => this.file() !== null && (!this.asksDistributor() || this.distributor() !== ''),
  );
  protected readonly mayLoad = computed(() => {
    const result = this.result();
    if (!result?.dryRun || !this.ready() || !result.answer.rows) return false;
    return result.answer.errors.length === 0 || this.goodRows();
  });

  protected setKind(kind: ImportKind): void {
    this.kind.set(kind);
    this.forget();
  }

  protected setDistributor(code: string): void {
    this.distributor.set(code);
    this.result.set(null);
  }

  protected pick(event: Event): void {
    const input = event.target as HTMLInputElement;
    this.forget();
    this.file.set(input.files?.[0] ?? null);
    input.value = ''; // the same file, corrected, can be chosen again
  }

  protected drop(event: DragEvent): void {
    event.preventDefault();
    this.forget();
    this.file.set(event.dataTransfer?.files[0] ?? null);
  }

  protected async template(): Promise<void> {
    try {
      saveFile(await this.api.template(this.kind()));
    } catch (error) {
      this.feedback.failed(error);
    }
  }

  protected async run(dryRun: boolean): Promise<void> {
    const file = this.file();
    if (!file || this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      const answer = await this.api.run({
        kind: this.kind(),
        file,
        dryRun,
        goodRows: this.goodRows(),
        distributorCode: this.asksDistributor() ? this.distributor() : '',
      });
      this.result.set({ dryRun, answer });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.result.set(null);
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }

  private forget(): void {
    this.file.set(null);
    this.result.set(null);
    this.problem.set(null);
  }
}
