import { Writable } from 'node:stream';
import type { ProgressOutputs } from '../../../src/observe/progress/ProgressOutputs.ts';
import { Screen } from './Screen.ts';

/** A stream that hands what is written to `take`, which a test may change. */
export class FakeStream extends Writable {
  take: (text: string, done: (error?: Error) => void) => void;
  isTTY?: boolean;
  columns?: number;
  rows?: number;

  constructor(take: FakeStream['take']) {
    super({ write: (chunk: Buffer, _, done) => this.take(chunk.toString(), done) });
    this.take = take;
  }
}

/** Standard output and error of a process in a terminal. */
export class FakeTerminal implements ProgressOutputs {
  readonly screen: Screen;
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  env: Record<string, string | undefined> = { TERM: 'xterm' };
  /** What was written, write by write. */
  readonly writes: string[] = [];

  constructor(columns = 80, rows = 24) {
    this.screen = new Screen(columns, rows);
    this.stdout = this.#stream();
    this.stderr = this.#stream();
    this.resize(columns, rows);
  }

  resize(columns: number, rows: number): void {
    Object.assign(this.screen, { columns, rows });
    for (const stream of [this.stdout, this.stderr]) Object.assign(stream, { columns, rows });
  }

  #stream(): FakeStream {
    const stream = new FakeStream((text, done) => {
      this.writes.push(text);
      this.screen.write(text);
      done();
    });
    return Object.assign(stream, { isTTY: true });
  }
}

/** A pipe or file that keeps what it gets. */
export function pipe(): FakeStream & { text: string } {
  const stream: FakeStream & { text: string } = Object.assign(
    new FakeStream((text, done) => {
      stream.text += text;
      done();
    }),
    { text: '' },
  );
  return stream;
}
