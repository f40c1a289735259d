import type { Observable } from 'rxjs';
import { Ring } from '../../core/ring.ts';
import { safely } from '../../core/safely.ts';
import { PullFlow } from './PullFlow.ts';
import { PullStage, type Puller, type PullSettings } from './PullStage.ts';

/** One call of `next()` that has not been answered. */
interface Question<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/** What is behind one async iterator: answers each `next()` with one item, in the order of the calls. */
export class ItemPuller<T> implements Puller<T> {
  readonly #questions = new Ring<Question<T>>();
  readonly #flow = new PullFlow();
  readonly #name: string;
  readonly #stage: PullStage<T>;
  #over = false;
  /** An error that came while nobody asked. */
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Observable<T>, settings: PullSettings) {
    this.#name = settings.name;
    this.#stage = new PullStage(source, settings, this.#flow, this);
  }

  get wants(): number {
    return this.#questions.length;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) reject(failure.error);
      else if (this.#over) resolve(END);
      else {
        this.#questions.push({ resolve, reject });
        this.#stage.pull();
      }
    });
  }

  /** Ends the flow; settles when everything that it used is released. */
  close(): Promise<void> {
    const failure = this.#failure;
    this.#failure = undefined;
    const late = (error: unknown): void => this.#flow.lateError(error, this.#name);
    safely(() => this.#stage.stop(), late);
    this.ended();
    if (failure !== undefined) late(failure.error);
    return this.#flow.released();
  }

  take(item: T): void {
    this.#questions.shift()!.resolve({ done: false, value: item });
  }

  ended(): void {
    this.#over = true;
    while (this.#questions.length > 0) this.#questions.shift()!.resolve(END);
  }

  failed(error: unknown): void {
    if (this.#questions.length === 0) this.#failure = { error };
    else this.#questions.shift()!.reject(error);
    this.ended();
  }
}

const END: IteratorResult<never, undefined> = Object.freeze({ done: true, value: undefined });
