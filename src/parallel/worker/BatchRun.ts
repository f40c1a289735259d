import { encodeError, type EncodedError } from '../codec/errorCodec.ts';
import { CANCEL, CELLS_A_PLACE, CLAIM, type BatchMessage, type ResultsMessage } from '../protocol.ts';
import { buffersOf } from '../codec/buffersOf.ts';
import type { Task } from '../task.ts';
import type { Runner } from './Runner.ts';
import { ItemContext } from './ItemContext.ts';
import { ManyValues, isMany } from './ManyValues.ts';
import { memory } from './memory.ts';
import { Refusal, refusalOf } from './Refusal.ts';

/**
 * Runs the items of one batch in turn, each only after it has been claimed (see `protocol.ts`), and sends what is finished when all
 * are, or when some have been waiting for a while.
 */
export class BatchRun {
  readonly place: number;
  readonly runner: Runner;
  readonly batch: BatchMessage;
  readonly #fn: (item: never, context: ItemContext) => unknown;
  readonly #cell: number;
  /** The item that runs. */
  offset = -1;
  #context: ItemContext | undefined;
  #many: ManyValues | undefined;
  #credits = MAX_CREDITS;
  /** What is finished and not sent: parallel to `values`, the rest by its place there. */
  #values: unknown[] = [];
  #errors: [number, EncodedError][] | undefined;
  #refused: [number, string, string][] | undefined;
  #ends: number[] | undefined;
  #since = performance.now();
  /** Items until the next look at the clock, and between two of them. */
  #untilLook = 1;
  #stride = 1;
  #looked = this.#since;

  constructor(runner: Runner, { fn }: Task<never, unknown>, batch: BatchMessage) {
    this.runner = runner;
    this.batch = batch;
    this.place = batch.place;
    this.#fn = fn;
    this.#cell = batch.place * CELLS_A_PLACE;
  }

  /** Goes on with the next items until one takes its time, or all are done. */
  run(): void {
    const { items } = this.batch;
    const { cells } = this.runner;
    for (;;) {
      const offset = Atomics.add(cells, this.#cell + CLAIM, 1);
      if (offset >= items.length) return this.#finish();
      this.offset = offset;
      this.#context = undefined;
      try {
        const output = this.#fn(items[offset] as never, (this.#context = new ItemContext(this, offset)));
        if (typeof output !== 'object' || output === null) this.#values.push(output);
        else if (this.#isLater(output)) return;
        else this.#values.push(output);
      } catch (error) {
        // It may be what was to give many values.
        this.#many = undefined;
        this.#failed(error);
      }
      if (--this.#untilLook === 0) this.#look();
    }
  }

  /** Whether what runs is no longer wanted. */
  isCancelled(offset: number): boolean {
    return offset === this.offset && Atomics.load(this.runner.cells, this.#cell + CANCEL) === 1;
  }

  /** Tells whoever listens to the signal of the item that runs. */
  cancelled(): void {
    this.#context?.cancel();
    this.#many?.cancel();
  }

  /** The stage has room for more values. */
  more(): void {
    this.#credits = Math.min(this.#credits + 1, MAX_CREDITS);
    this.#many?.resume();
  }

  /**
   * Sends values of the item that runs, if the stage has room. Says whether it had.
   *
   * @throws Refusal if one of them cannot be sent.
   */
  sendValues(values: readonly unknown[]): boolean {
    if (this.#credits === 0) return false;
    this.#credits--;
    // The results of the items before go first.
    if (this.#values.length > 0) this.#send(false);
    const message = { kind: 'values', place: this.place, values };
    try {
      this.runner.port.postMessage(message, this.#transfer(values));
    } catch {
      const refusal = refusalOf(values);
      if (refusal !== undefined) throw refusal;
      // It is a buffer that cannot be moved.
      this.runner.port.postMessage(message);
    }
    return true;
  }

  /** Whether what a task gave is no value yet. Then `run` is called again when it is there. */
  #isLater(output: object): boolean {
    if (typeof (output as PromiseLike<unknown>).then === 'function') {
      Promise.resolve(output as PromiseLike<unknown>).then(
        (value) => this.#goOn(() => this.#values.push(value)),
        (error: unknown) => this.#goOn(() => this.#failed(error)),
      );
      return true;
    }
    if (!isMany(output)) return false;
    const { offset } = this;
    this.#many = new ManyValues(this, output, {
      isCancelled: () => this.isCancelled(offset),
      ended: () =>
        this.#goOn(() => {
          (this.#ends ??= []).push(this.#values.length);
          this.#values.push(undefined);
        }),
      failed: (error) => this.#goOn(() => this.#failed(error)),
    });
    this.#many.start();
    return true;
  }

  #goOn(note: () => void): void {
    const gaveMany = this.#many !== undefined;
    this.#many = undefined;
    note();
    // The stage must know that it has ended before another begins: what runs again would give its values again.
    if (gaveMany && this.offset < this.batch.items.length - 1) this.#send(false);
    // It took its time, so what is finished does not wait for the others.
    this.#untilLook = 1;
    this.#look();
    this.run();
  }

  #failed(error: unknown): void {
    if (error instanceof Refusal) (this.#refused ??= []).push([this.#values.length, error.path, error.what]);
    else (this.#errors ??= []).push([this.#values.length, encodeError(error)]);
    this.#values.push(undefined);
  }

  #look(): void {
    const now = performance.now();
    const sinceLook = now - this.#looked;
    this.#looked = now;
    if (sinceLook > LOOK_EVERY * 2) this.#stride = Math.max(this.#stride >> 1, 1);
    else if (sinceLook < LOOK_EVERY / 2) this.#stride = Math.min(this.#stride * 2, MAX_STRIDE);
    this.#untilLook = this.#stride;
    if (now - this.#since > SEND_AFTER && this.offset < this.batch.items.length - 1) this.#send(false);
  }

  #finish(): void {
    this.offset = -1;
    this.#send(true);
    this.runner.done();
  }

  #send(done: boolean): void {
    const now = performance.now();
    const values = this.#values;
    const message: ResultsMessage = {
      kind: 'results',
      place: this.place,
      values,
      errors: this.#errors,
      refused: this.#refused,
      ends: this.#ends,
      elapsed: now - this.#since,
      done,
      ...memory(),
    };
    this.#values = [];
    this.#errors = this.#refused = this.#ends = undefined;
    this.#since = now;
    const { port } = this.runner;
    try {
      port.postMessage(message, this.#transfer(values));
    } catch {
      port.postMessage({ ...message, ...refuse(message) });
    }
  }

  #transfer(values: readonly unknown[]): ArrayBuffer[] {
    return this.batch.transfer ? [...new Set(values.flatMap((value) => buffersOf(value)))] : NONE;
  }
}

/** Finds what cannot be cloned among results that cannot be sent together. */
function refuse({ values, refused }: ResultsMessage): Pick<ResultsMessage, 'values' | 'refused'> {
  const all = [...(refused ?? [])];
  const sendable = values.map((value, offset) => {
    try {
      return structuredClone(value);
    } catch (error) {
      const { path, what } = new Refusal(value, error);
      all.push([offset, path, what]);
      return undefined;
    }
  });
  return { values: sendable, refused: all };
}

const NONE: ArrayBuffer[] = [];
/** How many messages of values may be under way before the stage has to say that it has room. */
const MAX_CREDITS = 2;
/** Milliseconds: between two looks at the clock; after which finished results are sent although others are not. */
const LOOK_EVERY = 0.1;
const SEND_AFTER = 3;
const MAX_STRIDE = 256;
