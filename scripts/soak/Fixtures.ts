import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The files that flows read, and the folder that they write to. */
export class Fixtures {
  /** A line for each number from 0, and the same compressed. */
  readonly lines: string;
  readonly gzip: string;
  /** Numbers of four bytes each, little-endian. */
  readonly bytes: string;
  /** Where flows write; empty when none runs. */
  readonly out: string;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.lines = join(root, 'numbers.txt');
    this.gzip = join(root, 'numbers.txt.gz');
    this.bytes = join(root, 'numbers.bin');
    this.out = join(root, 'out');
  }

  /** How many numbers are in each file. */
  static readonly count = 500;

  static async make(): Promise<Fixtures> {
    const fixtures = new Fixtures(await mkdtemp(join(tmpdir(), `soak-${process.pid}-`)));
    const numbers = Array.from({ length: Fixtures.count }, (_, i) => i);
    const text = numbers.map((n) => `${n}\n`).join('');
    await mkdir(fixtures.out);
    await writeFile(fixtures.lines, text);
    await writeFile(fixtures.gzip, gzipSync(text));
    await writeFile(fixtures.bytes, Buffer.from(Uint32Array.from(numbers).buffer));
    return fixtures;
  }

  /** What flows have left behind. */
  leftovers(): Promise<string[]> {
    return readdir(this.out);
  }

  remove(): Promise<void> {
    return rm(this.#root, { recursive: true, force: true });
  }
}
