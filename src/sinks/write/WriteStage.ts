import { roomFor } from '../../core/poolSettings.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import type { ItemWriter, WriterListener } from './ItemWriter.ts';
import { WriteError } from '../WriteError.ts';

/** What a {@link WriteStage} is told about itself. */
export interface WriteStageSettings {
  readonly name: string;
  readonly capacity: number;
  readonly overflowLimit: number;
}

/**
 * The stage that hands what it gets to a destination for as long as that has room. Its gate is closed while the destination
 * has none and `capacity` items wait.
 *
 * An item that the destination has not confirmed is held, but takes up none of the stage's own room: the destination has its
 * own bound for it.
 */
export class WriteStage<T> extends Stage<T, never> implements WriterListener {
  readonly #settings: WriteStageSettings;
  readonly #writer: ItemWriter;
  readonly #completes: boolean;
  #isEnding = false;
  /** Since when the destination has been at work, as the stopwatch gave it. */
  #since = 0;
  #failure: { readonly error: unknown } | undefined;

  /** `completes` says whether it completes, instead of failing, when whoever reads the destination goes away. */
  constructor(connection: Connection<never>, settings: WriteStageSettings, writer: ItemWriter, completes: boolean) {
    const { name, capacity, overflowLimit } = settings;
    super(connection, { name, overflowLimit, definition: settings, ...roomFor(0, capacity) });
    this.#settings = settings;
    this.#writer = writer;
    this.#completes = completes;
    this.telemetry.concurrency = 1;
    writer.start(this);
    this.ready();
  }

  ready(): void {
    this.#measure();
    this.drain();
  }

  written(): void {
    if (this.ended) return;
    this.inside--;
    this.telemetry.completed++;
    if (this.inside > 0) return;
    this.#rest();
    if (this.inputEnded) this.drain();
  }

  finished(): void {
    if (this.ended) return;
    // Not every destination says so for each item.
    this.telemetry.completed += this.inside;
    this.inside = 0;
    super.finish();
  }

  failed(cause: unknown): void {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    if (this.#completes && GONE.has(code)) super.finish();
    else this.fail(new WriteError(this.name, this.telemetry.completed, cause));
  }

  late(error: unknown): void {
    this.lateError(error);
  }

  override error(error: unknown): void {
    this.#failure = { error };
    super.error(error);
  }

  protected override get load(): number {
    return this.waiting.length;
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) {
      if (this.inputEnded) this.#endDestination();
      return false;
    }
    if (this.#writer.wants <= 0) return false;
    this.#write(this.waiting.shift() as T);
    this.#measure();
    return true;
  }

  /** Nothing is held any more, whatever the gate below says; but the destination has the last word. */
  protected override finish(): void {
    this.#endDestination();
  }

  protected override fail(error: unknown): void {
    this.#failure ??= { error };
    super.fail(error);
  }

  protected override cancel(): void {
    this.#rest();
    const released = this.#writer.release(this.#failure);
    this.gate.flow?.releasing(released);
  }

  #write(item: T): void {
    const { flow } = this.gate;
    if (this.inside++ === 0) this.#since = this.telemetry.work?.start(flow!) ?? 0;
    try {
      this.#writer.write(item);
    } catch (cause) {
      this.inside--;
      this.telemetry.failed++;
      this.fail(new WriteError(this.name, this.telemetry.completed, cause));
    }
  }

  #endDestination(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#writer.end();
  }

  #measure(): void {
    this.bound = this.#settings.capacity + this.#writer.wants;
  }

  /** The destination has nothing to do. */
  #rest(): void {
    this.telemetry.work?.end(this.gate.flow!, this.#since);
    this.#since = 0;
  }
}

/** What a destination fails with when whoever reads it goes away. */
const GONE = new Set<string | undefined>(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);
