import { Observable, type Subscriber } from 'rxjs';
import type { Breach } from './ConformanceError.ts';
import { plural, show } from './show.ts';
import type { Trial } from './Trial.ts';

/** What the stage function does with an item: gives a value, or later does so, or fails. */
export type Form =
  'value' | 'promise' | 'observable' | 'later' | { readonly throws: unknown } | { readonly rejects: unknown };

/** What a stage function may be told besides the item. */
export interface WorkContext {
  readonly signal?: AbortSignal;
}

/** The work on one item that ends later, when the check says so. */
export interface Work {
  readonly index: number;
  readonly item: unknown;
  readonly signal: AbortSignal | undefined;
  state: 'running' | 'done' | 'cancelled';
  finish(): void;
  fail(error: unknown): void;
}

/** The stage function that a check gives to an operator, and everything it was called with. */
export class Works {
  /** What becomes of the call with this number, from 0. */
  form: (index: number) => Form = () => 'value';
  /** How often it was called. */
  calls = 0;
  /** Those that do not end within their own call. What does needs no record: a check may make a hundred thousand of it. */
  readonly late: Work[] = [];
  /** Called inside the function, before it gives anything. */
  onStart: (index: number) => void = () => {};
  /** Whether the function reads the signal of the call with this number. It is made only when it is read. */
  readsSignal: (index: number) => boolean = () => true;
  /** Whether the function may still be called. */
  isWanted: () => boolean = () => true;
  running = 0;
  readonly #trial: Trial;
  readonly #most: number;
  readonly #laterIs: 'promise' | 'observable';
  readonly #valueIs: Form;

  constructor(trial: Trial, most: number, takes: readonly ('value' | 'promise' | 'observable')[]) {
    this.#trial = trial;
    this.#most = most;
    this.#laterIs = takes.includes('observable') ? 'observable' : 'promise';
    this.#valueIs = takes.includes('value') ? 'value' : this.#laterIs;
    trial.watch(this);
  }

  readonly fn = (item: unknown, context?: WorkContext): unknown => {
    const index = this.calls++;
    const wanted = this.form(index);
    const form = wanted === 'value' ? this.#valueIs : wanted;
    this.#trial.noteWith('fn', 'is called with', item);
    if (!this.isWanted())
      this.#trial.breach('R-40', 'fn is not called after the end', `it is called with ${show(item)}`);
    this.#begin();
    const isBrief = typeof form === 'string' && form !== 'later';
    const signal = isBrief || !this.readsSignal(index) ? undefined : context?.signal;
    if (form === 'later') {
      const work = this.#keep(index, item, signal);
      this.onStart(index);
      return this.#laterIs === 'promise' ? this.#promise(work) : this.#observable(work);
    }
    this.onStart(index);
    this.running--;
    if (typeof form === 'object') return this.#failing(form);
    if (form === 'value') return item;
    return form === 'promise' ? Promise.resolve(item) : new Observable((out) => this.#emit(out, item));
  };

  /** Those that neither ended nor were cancelled. */
  get open(): Work[] {
    return this.late.filter(({ state, signal }) => state === 'running' && signal?.aborted !== true);
  }

  /** Those of them that can be cancelled. */
  get endable(): Work[] {
    return this.open.filter((work) => work.signal !== undefined || this.#laterIs === 'observable');
  }

  leftovers(): readonly Breach[] {
    const open = this.isWanted() ? [] : this.endable;
    if (open.length === 0) return [];
    const seen = `${plural(open.length, 'work')} neither ended nor cancelled: item ${open.map((w) => w.index).join(', ')}`;
    return [{ rule: 'R-42', expected: 'what runs is cancelled at the end', seen }];
  }

  #begin(): void {
    this.running++;
    if (this.running > this.#most) {
      this.#trial.breach('R-24', `no more than ${this.#most} run at once`, `${this.running} do`);
    }
  }

  #keep(index: number, item: unknown, signal: AbortSignal | undefined): Work {
    const work: Work = { index, item, signal, state: 'running', finish: () => {}, fail: () => {} };
    this.late.push(work);
    return work;
  }

  #end(work: Work, state: 'done' | 'cancelled'): void {
    if (work.state !== 'running') return;
    work.state = state;
    this.running--;
    if (state === 'cancelled') this.#trial.note('fn', `is cancelled at item ${work.index}`);
  }

  #failing(form: { readonly throws: unknown } | { readonly rejects: unknown }): unknown {
    if ('throws' in form) throw form.throws;
    return this.#laterIs === 'promise'
      ? Promise.reject(form.rejects)
      : new Observable((out) => out.error(form.rejects));
  }

  #promise(work: Work): Promise<unknown> {
    return new Promise((resolve, reject) => {
      work.signal?.addEventListener('abort', () => this.#end(work, 'cancelled'), { once: true });
      work.finish = () => {
        this.#trial.note('fn', `resolves item ${work.index}`);
        this.#end(work, 'done');
        resolve(work.item);
      };
      work.fail = (error) => {
        this.#trial.note('fn', `rejects item ${work.index}`);
        this.#end(work, 'done');
        reject(error);
      };
    });
  }

  #observable(work: Work): Observable<unknown> {
    return new Observable((out) => {
      out.add(() => this.#end(work, 'cancelled'));
      work.finish = () => {
        this.#trial.note('fn', `ends item ${work.index}`);
        this.#end(work, 'done');
        this.#emit(out, work.item);
      };
      work.fail = (error) => {
        this.#trial.note('fn', `fails at item ${work.index}`);
        this.#end(work, 'done');
        out.error(error);
      };
    });
  }

  #emit(out: Subscriber<unknown>, item: unknown): void {
    out.next(item);
    out.complete();
  }
}
