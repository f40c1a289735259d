import { isUint8Array } from 'node:util/types';
import { wrongType } from '../core/errors.ts';
import { Waiter } from '../core/gate.ts';
import { Stage, type Connection } from '../core/stage.ts';
import { AtomicFile, type AtomicFileSettings } from './AtomicFile.ts';
import { FileWriteError } from './FileWriteError.ts';

/** What `toFile` says about the file it has written. */
export interface WrittenFile {
  /** The path, as it was given. */
  readonly path: string;
  /** The size of the file, after compression. */
  readonly bytes: number;
  /** How many items are in it. */
  readonly items: number;
}

/** What a {@link FileStage} is told about itself. */
export interface FileStageSettings extends AtomicFileSettings {
  readonly name: string;
  readonly capacity: number;
  readonly overflowLimit: number;
}

/**
 * The stage that writes what it gets to one file, one write at a time; what arrives meanwhile waits and makes the next
 * write.
 *
 * A write takes half the capacity at most, so that the other half can fill while it is under way.
 */
export class FileStage extends Stage<string | Uint8Array, WrittenFile> {
  readonly #settings: FileStageSettings;
  readonly #file: AtomicFile;
  readonly #mostPerWrite: number;
  /** Whether the file is being opened, written to, put in its place or removed. */
  #isBusy = false;
  #isEnding = false;
  #isInPlace = false;
  /** The lengths of all items held, summed up. */
  #length = 0;
  /** The first half of a character whose second half begins the next item. */
  #half = '';
  /** Waits to send the summary. */
  readonly #last = new Waiter(() => this.#sendSummary());

  constructor(connection: Connection<WrittenFile>, settings: FileStageSettings) {
    const { name, capacity, overflowLimit } = settings;
    super(connection, { name, bound: capacity, overflowLimit, definition: settings });
    this.#settings = settings;
    this.#mostPerWrite = Math.max(capacity >> 1, 1);
    this.telemetry.concurrency = 1;
    this.#file = new AtomicFile(settings);
    void this.#await(this.#file.open(), () => {});
  }

  override next(item: string | Uint8Array): void {
    if (this.ended) return;
    if (typeof item !== 'string' && !isUint8Array(item)) {
      const { telemetry } = this;
      telemetry.failed++;
      return this.fail(wrongType('toFile', `item ${telemetry.in++}`, 'a string or a Uint8Array', item));
    }
    this.#length += item.length;
    // Large items are held in smaller number.
    if (this.#length >= MOST_HELD && this.bound > this.held) this.bound = this.held + 1;
    super.next(item);
  }

  protected override step(): boolean {
    if (this.#isBusy || this.waiting.length === 0) return false;
    const items = this.#take();
    this.inside += items.length;
    void this.#await(this.#write(items), () => {
      this.inside -= items.length;
      this.telemetry.completed += items.length;
      for (const { length } of items) this.#length -= length;
      // No room for a further large item until those that are left have been written.
      this.bound = this.#length < MOST_HELD ? this.#settings.capacity : Math.max(this.held, 1);
    });
    return false;
  }

  /** The input has ended and everything is written. */
  protected override finish(): void {
    if (this.#isBusy || this.#isEnding) return;
    this.#isEnding = true;
    void this.#await(this.#file.commit(Buffer.from(this.#half)), () => {
      this.#isInPlace = true;
      this.below.wait(this.#last);
    });
  }

  protected override cancel(): void {
    this.#last.cancel();
    if (!this.#isInPlace) void this.#discard();
  }

  #sendSummary(): void {
    this.draining = true;
    this.deliver({ path: this.#settings.path, bytes: this.#file.bytes, items: this.telemetry.completed });
    this.draining = false;
    if (!this.ended) super.finish();
  }

  async #await(work: Promise<void>, andThen: () => void): Promise<void> {
    this.#isBusy = true;
    const { flow } = this.gate;
    const started = this.telemetry.work?.start(flow!) ?? 0;
    try {
      await work;
    } catch (error) {
      return this.#failed(error);
    }
    if (this.ended) return;
    this.telemetry.work?.end(flow!, started);
    this.#isBusy = false;
    andThen();
    this.drain();
  }

  #failed(cause: unknown): void {
    // The file has been given up already, so that it could not be written is no news.
    if (this.ended) return;
    const { path } = this.#settings;
    const error = new FileWriteError(this.name, path, this.#file.bytes, cause);
    void this.#discard().then(() => this.fail(error));
  }

  #discard(): Promise<void> {
    const discarded = this.#file.discard().catch((error: unknown) => this.lateError(error));
    this.gate.flow?.releasing(discarded);
    return discarded;
  }

  /** Takes the items of one write: a large one goes alone, so that it need not be copied. */
  #take(): (string | Uint8Array)[] {
    const items: (string | Uint8Array)[] = [];
    let room = MOST_WRITTEN;
    while (items.length < this.#mostPerWrite && this.waiting.length > 0) {
      room -= this.waiting.peek()!.length;
      if (room < 0 && items.length > 0) break;
      items.push(this.waiting.shift()!);
    }
    return items;
  }

  async #write(items: readonly (string | Uint8Array)[]): Promise<void> {
    const parts: Uint8Array[] = [];
    let text = this.#half;
    for (const item of items) {
      if (typeof item === 'string') text += item;
      else {
        if (text !== '') parts.push(Buffer.from(text));
        text = '';
        parts.push(item);
      }
    }
    // Where one write ends and the next begins is a matter of timing; what is in the file must not be.
    this.#half = isHalf(text.charCodeAt(text.length - 1)) ? text.slice(-1) : '';
    if (text.length > this.#half.length) parts.push(Buffer.from(text.slice(0, text.length - this.#half.length)));
    await this.#file.write(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  }
}

/** Whether a UTF-16 unit needs another behind it to be a character. */
function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** In characters or bytes. */
const MOST_WRITTEN = 256 * 1024;
const MOST_HELD = 1024 * 1024;
