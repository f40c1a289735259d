import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { lastValueFrom, take, toArray, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { workerPool } from 'sluice';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { chunks, type ChunksOptions } from '../../src/sources/chunks.ts';
import { FileReadError } from '../../src/sources/FileReadError.ts';
import { Probe } from '../core/Probe.ts';
import { ended, received, turns } from './events.ts';
import { allClosed, opened } from './openedFiles.ts';

vi.mock('node:fs', async (original) => (await import('./openedFiles.ts')).watched(await original()));

let directory: string;
beforeAll(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'sluice-chunks-'));
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

const lateErrors: unknown[] = [];
beforeEach(() => {
  opened.length = 0;
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void lateErrors.push(error));
});
afterEach(async () => {
  await allClosed();
  vi.restoreAllMocks();
  expect(lateErrors.splice(0)).toEqual([]);
});

/** Writes a file and gives its path. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  fs.writeFileSync(path, content);
  return path;
}

/** Bytes that no compression makes shorter, so that a compressed file is as long as what it holds. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
/** A file as it is and compressed: both give the same. */
const both = (name: string, content: Uint8Array): string[] => [
  file(`${name}.bin`, content),
  file(`${name}.gz`, gzipSync(content)),
];

describe('chunks', () => {
  test('all have the size but the last, whatever the length of the file', async () => {
    for (const length of [0, 1, 99, 100, 101, 200, 1000, 65_536, 200_000]) {
      const content = noise(length);
      for (const path of both('size', content)) {
        const got = await all(chunks(path, { size: 100 }));
        expect(got.slice(0, -1).every((chunk) => chunk.length === 100)).toBe(true);
        expect(got.at(-1)?.length ?? 0).toBe(length === 0 ? 0 : length % 100 || 100);
        expect(Buffer.concat(got).equals(content)).toBe(true);
      }
    }
  });

  test('are 64 KiB without a size', async () => {
    for (const path of both('default', noise(200_000))) {
      expect((await all(chunks(path))).map((chunk) => chunk.length)).toEqual([65_536, 65_536, 65_536, 3392]);
    }
  });

  test('are whole for a size of more than streams hold by themselves, and for one of more than the file', async () => {
    const content = noise(3_000_000);
    for (const path of both('big', content)) {
      expect((await all(chunks(path, { size: 2_000_000 }))).map((chunk) => chunk.length)).toEqual([
        2_000_000, 1_000_000,
      ]);
      const [whole] = await all(chunks(path, { size: 2 ** 26 }));
      expect(whole?.equals(content)).toBe(true);
    }
  });

  test('put together are the file, for any size and length (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 4000 }), async (content, size) => {
        for (const path of both('any', content)) {
          const got = await all(chunks(path, { size }));
          expect(Buffer.concat(got).equals(content)).toBe(true);
          expect(got.length).toBe(Math.ceil(content.length / size));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('are buffers of their own: a later one does not overwrite an earlier one', async () => {
    const content = noise(1_000_000);
    const got = await all(chunks(file('own.bin', content), { size: 10_000 }));
    expect(Buffer.concat(got).equals(content)).toBe(true);
  });

  test('are decompressed by the name of the file, or as the option says', async () => {
    const compressed = gzipSync('content');
    expect(String(await all(chunks(file('c.gz', compressed))))).toBe('content');
    expect(String(await all(chunks(file('c', compressed), { gzip: true })))).toBe('content');
    expect(Buffer.concat(await all(chunks(file('c.gz', compressed), { gzip: false }))).equals(compressed)).toBe(true);
    expect(String(await all(chunks(pathToFileURL(file('url.gz', compressed)))))).toBe('content');
  });

  test('does what its diagram shows', async () => {
    const values = { x: 'abc', y: 'def', z: 'gh' };
    const demand = '-o--o---o';
    const result = '-x--y---(z|)';

    const probe = new Probe<Buffer>();
    const seen: unknown[] = [];
    let frame = 0;
    const at = (): number => frame * TestScheduler.frameTimeFactor;
    probe.onNext = (value) =>
      seen.push({ frame: at(), notification: { kind: 'N', value: String(value), error: undefined } });
    probe.onEnd = () => seen.push({ frame: at(), notification: { kind: 'C', value: undefined, error: undefined } });
    probe.close();
    probe.subscribe(chunks(file('diagram.txt', 'abcdefgh'), { size: 3 }));
    for (; frame < demand.length; frame++) {
      const { length } = seen;
      if (demand[frame] === 'o') {
        probe.allow(1);
        await vi.waitUntil(() => seen.length > length, { interval: 1 });
      }
      await turns();
    }
    expect(seen).toEqual(TestScheduler.parseMarbles(result, values, undefined, undefined, true));
  });

  test('R-01: opens nothing before subscribe, and the file once for each subscription', async () => {
    const source = chunks(file('r01.bin', 'abc'));
    await turns();
    expect(opened.length).toBe(0);
    expect(String(await Promise.all([all(source), all(source)]))).toBe('abc,abc');
    expect(opened.length).toBe(2);
  });

  test('G2: takes one chunk for each that is wanted, and reads one more at most', async () => {
    for (const path of both('gate', noise(1_000_000))) {
      const probe = new Probe<Buffer>();
      probe.allow(2);
      probe.subscribe(chunks(path, { size: 10_000 }));
      await received(probe, 2);
      await turns(50);
      expect(probe.values.length).toBe(2);
      // Of a compressed file as much again waits in and before the decompressor.
      expect(opened.at(-1)!.bytesRead).toBeLessThanOrEqual(path.endsWith('.gz') ? 5 * 65_536 : 40_000);
      probe.unsubscribe();
      await allClosed();
    }
  });

  test('R-10: a stage that never finishes holds its three chunks and no more', async () => {
    const started = vi.fn(() => new Promise<never>(() => {}));
    const stage = workerPool(started, { concurrency: 1, capacity: 2 });
    const subscription = chunks(file('pool.bin', noise(1_000_000)), { size: 10_000 })
      .pipe(stage)
      .subscribe();
    await vi.waitUntil(() => opened[0]!.bytesRead >= 40_000);
    await turns(50);
    expect(started).toHaveBeenCalledTimes(1);
    expect(opened[0]!.bytesRead).toBeLessThanOrEqual(50_000);
    subscription.unsubscribe();
    await allClosed();
  });

  test('R-12: whichever way the gate opens and closes, every chunk arrives once and in order', async () => {
    const content = noise(500_000);
    for (const path of both('r12', content)) {
      const probe = new Probe<Buffer>();
      probe.close();
      probe.subscribe(chunks(path, { size: 777 }));
      for (let i = 0; probe.ended === undefined; i++) {
        probe.allow((i * 31) % 40);
        if (i % 3 === 0) probe.close();
        if (i % 2 === 0) await turns(1);
      }
      expect([Buffer.concat(probe.values).equals(content), probe.ended]).toEqual([true, 'completed']);
    }
  });

  test('R-23, R-40: the file is closed after take, after an unsubscribe before it is open, inside next, while held back', async () => {
    for (const path of both('ends', noise(300_000))) {
      const source = chunks(path, { size: 1000 });
      expect((await all(source.pipe(take(3)))).length).toBe(3);
      const early = new Probe<Buffer>().subscribe(source);
      early.unsubscribe();
      const inside = new Probe<Buffer>();
      inside.onNext = () => inside.unsubscribe();
      inside.subscribe(source);
      const held = new Probe<Buffer>();
      held.allow(2);
      held.subscribe(source);
      await received(held, 2);
      held.unsubscribe();
      await allClosed();
      expect([early.values.length, inside.values.length, held.values.length]).toEqual([0, 1, 2]);
      expect([early.ended, inside.ended, held.ended]).toEqual([undefined, undefined, undefined]);
    }
    expect(opened.length).toBe(8);
  });

  test('ends gracefully under run, which waits until the file is closed', async () => {
    const work = workerPool(async (chunk: Buffer) => {
      await turns(1);
      void started.shutdown();
      return chunk.length;
    }, {});
    const started = run(chunks(file('quit.bin', noise(1_000_000)), { size: 1000, name: 'photo' }).pipe(work));
    const report = await started.done;
    expect([report.ended, report.abandoned, opened[0]!.closed]).toEqual(['quit', 0, true]);
    expect(report.stages[0]?.name).toBe('photo');
    expect(report.results).toBeLessThan(10);
  });

  test.each([
    ['a missing file', 'ENOENT', (): string => join(directory, 'missing')],
    ['a missing gzip file', 'ENOENT', (): string => join(directory, 'missing.gz')],
    ['a directory', 'EISDIR', (): string => directory],
    ['gzip that breaks off', 'Z_BUF_ERROR', (): string => file('cut.gz', gzipSync(noise(99)).subarray(0, 50))],
    ['what is no gzip', 'Z_DATA_ERROR', (): string => file('no.gz', 'text')],
  ])('of %s are an error with %s, the path and the cause', async (_, code, make) => {
    const path = make();
    const probe = new Probe<Buffer>().subscribe(chunks(path, { name: 'photo' }));
    await ended(probe);
    expect(probe.error).toBeInstanceOf(FileReadError);
    expect(probe.error).toMatchObject({ code, path, stage: 'photo', cause: expect.objectContaining({ code }) });
    await allClosed();
  });

  test('of a file that gets longer while it is read go on to its new end', async () => {
    const path = file('growing.txt', 'ab');
    const probe = new Probe<Buffer>();
    probe.allow(1);
    probe.subscribe(chunks(path, { size: 1 }));
    await received(probe, 1);
    fs.appendFileSync(path, 'cd');
    probe.open();
    await ended(probe);
    expect(Buffer.concat(probe.values).toString()).toBe('abcd');
  });

  const bad = chunks as (file: unknown, options?: unknown) => unknown;
  test.each([
    ['file', '', 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['file', 'a\0', 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['file', new URL('https://example.com'), 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['file', undefined, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['file', null, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['file', 3, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['file', {}, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['size', 0, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['size', -1, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['size', 1.5, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['size', Number.NaN, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['size', Infinity, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['size', 2 ** 30 + 1, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['size', '64KB', 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['size', 64n, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['gzip', 'no', 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['name', '', 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['options', null, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['options', { sise: 5 }, 'TypeError', 'ERR_INVALID_ARG_VALUE'],
  ])('refuses at the call, as %s: %o', (option, value, name, code) => {
    const call = (): unknown => {
      if (option === 'file') return bad(value);
      return bad('file', option === 'options' ? value : { [option]: value });
    };
    const message = expect.stringContaining(`chunks(): "${option}" must be `) as string;
    expect(call).toThrow(expect.objectContaining({ name, code, option, message }));
  });

  test('infers its types', () => {
    expectTypeOf(chunks('file')).toEqualTypeOf<Observable<Buffer>>();
    expectTypeOf<ChunksOptions>().toEqualTypeOf<{
      size?: number | undefined;
      gzip?: boolean | undefined;
      name?: string | undefined;
    }>();
    // @ts-expect-error a stream is no file
    expect(() => chunks(process.stdin)).toThrow(TypeError);
  });
});
