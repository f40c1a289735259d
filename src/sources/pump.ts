import type { Subscriber } from 'rxjs';
import { Demand, type SourceSettings } from '../core/demand.ts';
import type { Telemetry } from '../core/telemetry.ts';

/** Reads chunks, one at a time and only when asked. */
export interface ChunkReader {
  /** The chunk that {@link ChunkReader.take} took. */
  readonly chunk: unknown;
  /** Takes a chunk, if there is one at hand. After `false` the listener is told when to ask again, and asks no sooner. */
  take(): boolean;
  /** Lets go of everything that was opened, however far reading has come; settles when that is done. Called once. */
  release(): Promise<void>;
}

/** What a {@link ChunkReader} tells of its own accord. After `ended` or `failed` it tells nothing more. */
export interface ReaderListener {
  /** There is something to take again. */
  ready(): void;
  /** There will be no more chunks. */
  ended(): void;
  failed(error: unknown): void;
}

/** Makes items of chunks. */
export interface Cutter<T> {
  /** The item that {@link Cutter.next} cut. */
  readonly item: T;
  /** Cuts the next item, if there is one in what was pushed. After `false` it wants another chunk. */
  next(): boolean;
  /** Gives it another chunk, when it has cut all of the last. */
  push(chunk: unknown): void;
  /** Says that there are no more chunks. Answers whether anything is left to cut. */
  end(): boolean;
}

/**
 * Sends what a stream gives to `subscriber`, item by item while the gate below is open, and takes the next chunk only when
 * the last has been cut up. What all sources that read files and streams have in common.
 *
 * `open` is called when the source starts. What it opens is released in every ending.
 */
export function pump<T>(
  subscriber: Subscriber<T>,
  settings: SourceSettings,
  open: (listener: ReaderListener) => ChunkReader,
  cut: (telemetry: Telemetry) => Cutter<T> = () => new Whole<T>(),
): void {
  new Pump(subscriber, settings, open, cut).below.start();
}

class Pump<T> implements ReaderListener {
  readonly below: Demand<T>;
  readonly #subscriber: Subscriber<T>;
  readonly #open: (listener: ReaderListener) => ChunkReader;
  readonly #cutter: Cutter<T>;
  #reader: ChunkReader | undefined;
  #ended = false;
  /** Whether {@link Pump.#produce} is at work further up the stack. */
  #pumping = false;
  /** Since when it has waited for the reader, as {@link Demand.making} gave it. */
  #waitingSince = 0;

  constructor(
    subscriber: Subscriber<T>,
    settings: SourceSettings,
    open: (listener: ReaderListener) => ChunkReader,
    cut: (telemetry: Telemetry) => Cutter<T>,
  ) {
    this.#subscriber = subscriber;
    this.#open = open;
    this.below = new Demand(subscriber, settings, () => this.#produce());
    this.#cutter = cut(this.below.telemetry);
    subscriber.add(() => this.#release());
  }

  ready(): void {
    this.#stopWaiting();
    this.#produce();
  }

  ended(): void {
    this.#ended = true;
    this.#stopWaiting();
    // The end needs no open gate, unless something has to be sent before it.
    if (this.#cutter.end()) this.#produce();
    else this.#subscriber.complete();
  }

  failed(error: unknown): void {
    this.#stopWaiting();
    this.below.fail(error);
  }

  #produce(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      if (this.#reader === undefined && !this.#start()) return;
      while (this.below.wants()) {
        if (this.#advance()) this.below.send(this.#cutter.item);
        else {
          // It may have failed at its last item.
          if (this.#ended && !this.#subscriber.closed) this.#subscriber.complete();
          return;
        }
      }
    } finally {
      this.#pumping = false;
    }
  }

  #start(): boolean {
    try {
      this.#reader = this.#open(this);
    } catch (error) {
      this.failed(error);
    }
    // The function that gave the stream may have ended the subscription.
    if (this.#subscriber.closed) this.#release();
    return !this.#subscriber.closed;
  }

  /** Cuts the next item, taking as many chunks as that needs. */
  #advance(): boolean {
    try {
      while (!this.#cutter.next()) {
        // It may end while it is being asked.
        if (this.#ended || !this.#take()) return this.#ended && this.#cutter.next();
        // Asking may run code of the user's, which may have ended the subscription.
        if (this.#subscriber.closed) return false;
        this.#cutter.push(this.#reader!.chunk);
      }
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  #take(): boolean {
    this.#waitingSince = this.below.making();
    if (!this.#reader!.take()) return false;
    this.#stopWaiting();
    return true;
  }

  #stopWaiting(): void {
    this.below.made(this.#waitingSince);
    this.#waitingSince = 0;
  }

  #release(): void {
    if (this.#reader !== undefined) this.below.releasing(this.#reader.release());
  }
}

/** Takes every chunk for an item. */
class Whole<T> implements Cutter<T> {
  item!: T;
  #isHere = false;

  next(): boolean {
    const isHere = this.#isHere;
    this.#isHere = false;
    return isHere;
  }

  push(chunk: unknown): void {
    this.item = chunk as T;
    this.#isHere = true;
  }

  end(): boolean {
    return this.#isHere;
  }
}
