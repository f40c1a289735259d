import type { ProgressStream } from './ProgressOutputs.ts';

/** What is to happen around each write of the program. */
export interface AroundWrite {
  before(): void;
  after(): void;
}

/**
 * Stands between the program and the streams that go to one place, from its making until `release`, so that what we write
 * there never comes into the middle of a line of the program. What the program writes passes as it is, at once and in order, with
 * its callbacks and with what `write` gives back.
 */
export class OutputGuard {
  readonly #own: ProgressStream;
  readonly #streams: readonly ProgressStream[];
  readonly #wraps: readonly Wrap[];
  /** Whether the program has written a line that has not ended; `undefined` while it has written nothing. */
  #inLine: boolean | undefined;

  /** `streams`: those that go to one place. What we write goes to the first. */
  constructor(streams: readonly [ProgressStream, ...ProgressStream[]], around: AroundWrite) {
    [this.#own] = streams;
    this.#streams = streams;
    this.#wraps = streams.map((stream) =>
      wrap(stream, {
        before: () => around.before(),
        after: (chunk, encoding) => {
          this.#inLine = inLine(chunk, encoding) ?? this.#inLine;
          around.after();
        },
      }),
    );
  }

  /** Whether something of ours may be written: the program is between two lines, and what it wrote elsewhere has left. */
  get isFree(): boolean {
    const [own, ...others] = this.#streams;
    return this.#inLine !== true && own!.writable && others.every((it) => it.writableLength === 0);
  }

  /** Whether what was written where we write has left too. */
  get isDrained(): boolean {
    return this.#own.writableLength === 0;
  }

  /** Whether it is unknown if the program was in the middle of a line when all this began. */
  get isUnsure(): boolean {
    return this.#inLine === undefined;
  }

  /** Writes something of ours. A terminal or pipe that is gone is no error of the program's, as with `console`. */
  write(text: string): void {
    if (text === '' || !this.#own.writable) return;
    this.#inLine ??= false;
    const stream = this.#own;
    stream.once('error', ignore);
    try {
      this.#wraps[0]!.write(text, (error) => {
        if (error != null && stream.listenerCount('error') === 0) stream.once('error', ignore);
      });
    } finally {
      stream.off('error', ignore);
    }
  }

  release(): void {
    for (const it of this.#wraps) it.release();
  }
}

interface Wrap {
  write(text: string, done: (error?: Error | null) => void): void;
  release(): void;
}

type Write = (this: unknown, ...args: unknown[]) => boolean;

/** Our functions that do nothing any more, with what they pass on to: somebody may have put another function on top of them. */
const spent = new WeakMap<Write, Write>();

function wrap(
  stream: ProgressStream,
  around: { before(): void; after(chunk: unknown, encoding: unknown): void },
): Wrap {
  // oxlint-disable-next-line typescript/unbound-method -- it is always called on the stream
  let original = stream.write as Write;
  for (let below = spent.get(original); below !== undefined; below = spent.get(original)) original = below;
  const isInherited = original === (Object.getPrototypeOf(stream) as { write?: unknown }).write;
  let released = false;
  const write: Write = function (this: unknown, ...args) {
    if (released) return Reflect.apply(original, this, args);
    around.before();
    try {
      return Reflect.apply(original, this, args);
    } finally {
      around.after(args[0], args[1]);
    }
  };
  const holder = stream as unknown as { write?: Write };
  holder.write = write;
  return {
    write: (text, done) => void Reflect.apply(original, stream, [text, done]),
    release: () => {
      released = true;
      spent.set(write, original);
      // What somebody else has put on top since stays, and ours below it passes everything on.
      if (holder.write !== write) return;
      if (isInherited) delete holder.write;
      else holder.write = original;
    },
  };
}

/** Whether a line has not ended after this has been written. `undefined`: as before. */
function inLine(chunk: unknown, encoding: unknown): boolean | undefined {
  const end = endOf(chunk, encoding).replace(COLOURS, '');
  return end === '' ? undefined : !end.endsWith('\n');
}

/** Colours that are set back after the line break. The end of a text may begin in the middle of one. */
// oxlint-disable-next-line no-control-regex -- they begin with one
const COLOURS = /(?:\u{1B}\[[\d;:]*m)+$/u;

/** The last characters of what was written: a text may be megabytes. */
function endOf(chunk: unknown, encoding: unknown): string {
  if (typeof chunk === 'string') {
    if (typeof encoding !== 'string' || /^(utf-?8|ascii|latin1|binary)$/i.test(encoding)) return chunk.slice(-LOOK);
    return Buffer.isEncoding(encoding) ? Buffer.from(chunk, encoding).subarray(-LOOK).toString('latin1') : '';
  }
  return chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(-LOOK)).toString('latin1') : '';
}

const LOOK = 64;

function ignore(): void {}
