import { EventEmitter } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { filter, lastValueFrom, map, mergeMap, of, take, toArray, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { workerPool } from 'sluice';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { FileReadError } from '../../src/sources/FileReadError.ts';
import { GzipReader } from '../../src/sources/GzipReader.ts';
import { lines, type LinesOptions } from '../../src/sources/lines.ts';
import { LineTooLongError } from '../../src/sources/LineTooLongError.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { ended, received, turns } from './events.ts';
import { allClosed, opened } from './openedFiles.ts';

vi.mock('node:fs', async (original) => (await import('./openedFiles.ts')).watched(await original()));

let directory: string;
beforeAll(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'sluice-lines-'));
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

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const errorOf = async (source: Observable<unknown>): Promise<unknown> => {
  const probe = new Probe<unknown>().subscribe(source);
  await ended(probe);
  return probe.error;
};
/** The lines of some chunks that come one by one. */
const ofChunks = (chunks: readonly (Uint8Array | string)[], options?: LinesOptions): Promise<string[]> =>
  all(lines(ReadableStream.from(chunks) as ReadableStream<Uint8Array>, options));
/** What the lines of a text are: what `split` gives, less the nothing after a last line end, less a byte order mark. */
const split = (text: string): string[] => {
  const parts = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return parts.at(-1) === '' ? parts.slice(0, -1) : parts;
};
const manyLines = (count: number): string =>
  Array.from({ length: count }, (_, i) => `line ${i} ${'x'.repeat(i % 50)}`).join('\n');

describe('lines', () => {
  test.each([
    ['an empty file', ''],
    ['one line', 'a\n'],
    ['a last line without an end', 'a\nb'],
    ['only line ends', '\n\n\r\n\n'],
    ['Windows line ends', 'a\r\nb\r\n'],
    ['mixed line ends', 'a\nb\r\n\nc\r\n\r\nd'],
    ['carriage returns of their own', 'a\rb\n\rc\r\r\nd\r'],
    ['characters of one to four bytes', 'aé漢🚰\nß\n🚰'],
    ['a byte order mark', '\uFEFFa\nb'],
    ['nothing but a byte order mark', '\uFEFF'],
    ['a byte order mark and an empty line', '\uFEFF\nb'],
    ['a byte order mark that is none, in the middle', 'a\uFEFF\n\uFEFFb\n'],
    ['what other systems take for line ends', 'a\u2028b\u2029c\u0085d\ve\ff\n'],
    ['NUL', 'a\0b\n\0\n'],
  ])('are those of %s', async (_, text) => {
    const path = file('text.txt', text);
    expect(await all(lines(path))).toEqual(split(text));
    expect(await all(lines(path, { maxLength: 100 }))).toEqual(split(text));
  });

  test('are the same however the text is cut into chunks, of bytes or text (property)', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\uFEFF', '🚰', 'é', ' '.repeat(1500)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        fc.array(fc.nat(), { maxLength: 10 }),
        fc.constantFrom(1_048_576, 10_000, 1000),
        async (text, cuts, maxLength) => {
          const options: LinesOptions = { maxLength, onError: 'skip' };
          const expected = split(text).filter((line) => Buffer.byteLength(line) <= maxLength);
          for (const whole of [Buffer.from(text), text]) {
            const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
            const chunks = places.slice(1).map((place, i) => whole.slice(places[i], place));
            expect(await ofChunks(chunks, options)).toEqual(expected);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('are the same if every byte, or every half of a character, comes by itself', async () => {
    const text = '\uFEFFé🚰\r\n\r\r\n漢\n🚰';
    expect(await ofChunks([...Buffer.from(text)].map((byte) => Uint8Array.of(byte)))).toEqual(split(text));
    expect(await ofChunks(text.split(''))).toEqual(split(text));
  });

  test('are read from a path, a file: URL, a Node.js stream, a web stream, and functions that give one', async () => {
    const path = file('sources.txt', 'a\nb\n');
    const expected = ['a', 'b'];
    expect(await all(lines(path))).toEqual(expected);
    expect(await all(lines(pathToFileURL(path)))).toEqual(expected);
    expect(await all(lines(fs.createReadStream(path)))).toEqual(expected);
    expect(await all(lines(fs.createReadStream(path, 'utf8')))).toEqual(expected);
    expect(await all(lines(new Response('a\nb\n').body!))).toEqual(expected);
    expect(await all(lines(Readable.from(['a\n', 'b\n'])))).toEqual(expected);
    const again = lines(() => fs.createReadStream(path));
    expect([await all(again), await all(again)]).toEqual([expected, expected]);
    expect(await all(lines(decoded))).toEqual(expected);
  });

  test('of what is not UTF-8 have U+FFFD in its place; with latin1 every byte is a character', async () => {
    const path = file('latin1.txt', Buffer.from('caf\xe9\nna\xefve\n\xe2\x82\nend', 'latin1'));
    expect(await all(lines(path))).toEqual(['caf\uFFFD', 'na\uFFFDve', '\uFFFD', 'end']);
    expect(await all(lines(path, { encoding: 'latin1' }))).toEqual(['café', 'naïve', 'â\x82', 'end']);
    const marked = file('marked.txt', '\uFEFFa');
    expect(await all(lines(marked, { encoding: 'latin1' }))).toEqual(['ï»¿a']);
    // Text is text, whatever the bytes of other sources are.
    expect(await ofChunks(['漢', '\n字'], { encoding: 'latin1' })).toEqual(['漢', '字']);
  });

  test('of half a character at the end of a text have U+FFFD in its place', async () => {
    expect(await ofChunks(['a\n\ud83d'])).toEqual(['a', '\uFFFD']);
    expect(await ofChunks(['a\n\ud83d', '\n\ud83d', '\ude00'])).toEqual(['a', '\uFFFD', '😀']);
  });

  test('have a byte order mark left out only at the very beginning', async () => {
    expect(await ofChunks(['\uFEFFa\n', '\uFEFFb\n', '\uFEFF', 'c\n'])).toEqual(['a', '\uFEFFb', '\uFEFFc']);
  });

  test('are read from the part of a buffer that a chunk is', async () => {
    const whole = Buffer.from('..a\nb\n..');
    expect(await ofChunks([new Uint8Array(whole.buffer, whole.byteOffset + 2, 4)])).toEqual(['a', 'b']);
  });

  test('are all there if the stream ends while it is being read, as streams of other kinds may', async () => {
    class Abrupt extends EventEmitter {
      readonly readable = true;
      readonly #texts = ['a\nb', '\nc'];
      read(): string | null {
        const text = this.#texts.shift() ?? null;
        if (text === null) this.emit('end');
        return text;
      }
      destroy(): void {}
    }
    const stream = new Abrupt();
    const probe = new Probe<string>().subscribe(lines(stream as unknown as Readable));
    stream.emit('readable');
    expect([probe.values, probe.ended]).toEqual([['a', 'b', 'c'], 'completed']);
  });

  test('of a large file are all there, and the file is closed', async () => {
    const text = manyLines(100_000);
    expect(await all(lines(file('large.txt', text)))).toEqual(text.split('\n'));
    await allClosed();
    expect(opened.length).toBe(1);
  });

  test('keep little else in memory: a few of many lines do not keep the chunks that they came out of', async () => {
    const path = file('kept.txt', `${'x'.repeat(99)}\n`.repeat(200_000));
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept: string[] = [];
    // One out of every chunk, so that what they keep would be the whole file.
    await lastValueFrom(lines(path).pipe(map((line, i) => i % 600 === 0 && kept.push(line))));
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
    expect(kept.length).toBe(334);
  });

  test('of a gzip file are decompressed: by its name, or as the option says', async () => {
    const text = manyLines(20_000);
    const compressed = gzipSync(text);
    expect(await all(lines(file('a.txt.gz', compressed)))).toEqual(text.split('\n'));
    expect(await all(lines(file('A.GZ', compressed)))).toEqual(text.split('\n'));
    expect(await all(lines(file('compressed', compressed), { gzip: true }))).toEqual(text.split('\n'));
    expect(await all(lines(file('plain.gz', 'a\nb'), { gzip: false }))).toEqual(['a', 'b']);
    expect(await all(lines(file('members.gz', Buffer.concat([gzipSync('a\nb'), gzipSync('c\n')]))))).toEqual([
      'a',
      'bc',
    ]);
  });

  test('does what its diagram shows', async () => {
    const values = { A: 'one\ntw', B: 'o\r\n\n', C: 'three', 1: 'one', 2: 'two', 3: '', 4: 'three' };
    const chunks = 'A---B----C-|';
    const result = '1---(23)---(4|)';

    const producer = new PassThrough();
    const probe = new Probe<string>();
    const seen: unknown[] = [];
    let frame = 0;
    const at = (): number => frame * TestScheduler.frameTimeFactor;
    probe.onNext = (value) => seen.push({ frame: at(), notification: { kind: 'N', value, error: undefined } });
    probe.onEnd = () => seen.push({ frame: at(), notification: { kind: 'C', value: undefined, error: undefined } });
    probe.subscribe(lines(producer));
    for (; frame < chunks.length; frame++) {
      const now = chunks[frame]!;
      if (now === '|') producer.end();
      else if (now !== '-') producer.write(values[now as 'A']);
      await turns();
    }
    expect(seen).toEqual(TestScheduler.parseMarbles(result, values, undefined, undefined, true));
  });
});

describe('lines and the gate', () => {
  test('R-01: opens nothing before subscribe', async () => {
    const give = vi.fn(() => new PassThrough());
    lines(file('r01.txt', 'a'));
    lines(give);
    lines(join(directory, 'missing'));
    await turns();
    expect([opened.length, give.mock.calls.length]).toEqual([0, 0]);
  });

  test('G2: stops within one line, and reads no more than the chunk after the one that it cuts up', async () => {
    const path = file('gate.txt', manyLines(100_000));
    const probe = new Probe<string>();
    probe.allow(1);
    probe.subscribe(lines(path));
    await received(probe, 1);
    await turns(50);
    expect(probe.values.length).toBe(1);
    expect(opened[0]!.bytesRead).toBeLessThanOrEqual(2 * 65_536);
    probe.allow(10);
    expect(probe.values.length).toBe(11);
    await turns(50);
    expect([probe.values.length, probe.ended]).toEqual([11, undefined]);
    expect(opened[0]!.bytesRead).toBeLessThanOrEqual(2 * 65_536);
    probe.unsubscribe();
    await allClosed();
  });

  test('R-10: a stage that never finishes holds three lines back from a file of thousands', async () => {
    const path = file('pool.txt', manyLines(100_000));
    const started = vi.fn(() => new Promise<never>(() => {}));
    const subscription = lines(path)
      .pipe(workerPool(started, { concurrency: 1, capacity: 2 }))
      .subscribe();
    await vi.waitUntil(() => started.mock.calls.length > 0);
    await turns(50);
    expect(started).toHaveBeenCalledTimes(1);
    expect(opened[0]!.bytesRead).toBeLessThanOrEqual(2 * 65_536);
    subscription.unsubscribe();
    await allClosed();
  });

  test('G4: a gate that closes and opens for each of 100,000 lines does not grow the stack', async () => {
    const probe = new Probe<string>();
    probe.onNext = () => {
      probe.close();
      probe.open();
    };
    probe.subscribe(lines(file('stack.txt', '\n'.repeat(100_000))));
    await ended(probe);
    expect(probe.values.length).toBe(100_000);
  });

  test('R-12: whichever way the gate opens and closes, every line arrives once and in order', async () => {
    const text = manyLines(20_000);
    for (const path of [file('r12.txt', text), file('r12.gz', gzipSync(text))]) {
      const probe = new Probe<string>();
      probe.close();
      probe.subscribe(lines(path));
      for (let i = 0; probe.ended === undefined; i++) {
        probe.allow((i * 977) % 1500);
        if (i % 3 === 0) probe.close();
        if (i % 2 === 0) await turns(1);
      }
      expect([probe.values, probe.ended]).toEqual([text.split('\n'), 'completed']);
    }
  });

  test('a last line without an end waits for the gate like any other; the end of the file waits for nothing', async () => {
    const producer = new PassThrough();
    const probe = new Probe<string>();
    probe.allow(1);
    probe.subscribe(lines(producer));
    producer.end('a\nb');
    await turns();
    expect([probe.values, probe.ended]).toEqual([['a'], undefined]);
    probe.allow(1);
    expect(probe.values).toEqual(['a', 'b']);
    probe.open();
    expect(probe.ended).toBe('completed');

    const other = new PassThrough();
    const full = new Probe<string>();
    full.allow(1);
    full.subscribe(lines(other));
    other.write('a\n');
    await received(full, 1);
    full.open();
    full.close();
    other.end();
    await turns();
    expect([full.values, full.ended]).toEqual([['a'], undefined]);
    full.open();
    await turns();
    expect(full.ended).toBe('completed');
  });

  test('what has come is all sent before the end, however long the gate is closed and whatever the stream does', async () => {
    const late = new Error('close failed');
    const stream = new Readable({
      read() {
        this.push('a\nb\nc\ud83d');
        this.push(null);
      },
      encoding: 'utf8',
      destroy: (_, callback) => callback(late),
    });
    const text = ReadableStream.from(['a\nb\nc\ud83d']);
    const [one, two] = [new Probe<string>(), new Probe<string>()];
    one.allow(1);
    two.allow(1);
    one.subscribe(lines(stream));
    two.subscribe(lines(text));
    await turns();
    expect([one.values, one.ended, two.values, two.ended]).toEqual([['a'], undefined, ['a'], undefined]);
    one.open();
    two.open();
    await turns();
    expect([one.values, one.ended, one.values.length]).toEqual([['a', 'b', 'c\uFFFD'], 'completed', 3]);
    expect([two.values, two.ended]).toEqual([['a', 'b', 'c\uFFFD'], 'completed']);
    expect(lateErrors.splice(0)).toEqual([late]);
  });

  test('R-42: a gzip file counts as released only when both it and the decompressor are', async () => {
    let letGo: (() => void) | undefined;
    const compressed = new Readable({ read() {}, destroy: (_, callback) => void (letGo = (): void => callback(null)) });
    const reader = new GzipReader(compressed, { ready() {}, ended() {}, failed() {} });
    const released = vi.fn();
    const releasing = reader.release().then(released);
    await turns();
    expect([compressed.destroyed, released.mock.calls.length]).toEqual([true, 0]);
    letGo?.();
    await releasing;
    expect(compressed.closed).toBe(true);
  });

  test('R-23: take(n) ends it, and closes the file', async () => {
    for (const path of [file('take.txt', manyLines(100_000)), file('take.gz', gzipSync(manyLines(100_000)))]) {
      expect(await all(lines(path).pipe(take(2)))).toEqual(['line 0 ', 'line 1 x']);
      await allClosed();
      expect(opened.at(-1)!.bytesRead).toBeLessThanOrEqual(2 * 65_536);
    }
  });

  test('R-40, R-41: nothing comes after an unsubscribe: before the file is open, inside next, while held back', async () => {
    for (const path of [file('r40.txt', manyLines(10_000)), file('r40.gz', gzipSync(manyLines(10_000)))]) {
      const early = new Probe<string>().subscribe(lines(path));
      early.unsubscribe();
      const inside = new Probe<string>();
      inside.onNext = () => {
        if (inside.values.length === 3) inside.unsubscribe();
      };
      inside.subscribe(lines(path));
      const held = new Probe<string>();
      held.allow(2);
      held.subscribe(lines(path));
      await received(held, 2);
      held.unsubscribe();
      held.unsubscribe();
      held.open();
      await allClosed();
      await turns();
      expect([early, inside, held].map((probe) => [probe.values.length, probe.ended])).toEqual([
        [0, undefined],
        [3, undefined],
        [2, undefined],
      ]);
    }
    expect(opened.length).toBe(6);
  });

  test('a file that several read at once, and again, is opened for each of them', async () => {
    const source = lines(file('several.txt', 'a\nb\n'));
    const expected = ['a', 'b'];
    expect(await Promise.all([all(source), all(source), all(source)])).toEqual([expected, expected, expected]);
    expect(await all(of(1, 2).pipe(mergeMap(() => source, 1)))).toEqual(['a', 'b', 'a', 'b']);
    await allClosed();
    expect(opened.length).toBe(5);
  });

  test('ends gracefully under run: within one line, and the flow has ended only when the file is closed', async () => {
    for (const path of [file('quit.txt', manyLines(100_000)), file('quit.gz', gzipSync(manyLines(100_000)))]) {
      const results: string[] = [];
      const work = workerPool(async (line: string) => {
        await turns(1);
        results.push(line);
        if (results.length === 5) void started.shutdown();
      }, {});
      const started = run(lines(path, { name: 'log' }).pipe(work));
      const report = await started.done;
      expect([report.ended, report.abandoned]).toEqual(['quit', 0]);
      expect(report.stages[0]).toMatchObject({ kind: 'source', name: 'log', out: results.length });
      expect(results).toEqual(manyLines(results.length).split('\n'));
      expect(opened.at(-1)!.closed).toBe(true);
    }
  });

  test('under run gives the event loop its turns, also in the middle of a chunk', async () => {
    const started = run(lines(file('hot.txt', 'x\n'.repeat(500_000))).pipe(filter(() => false)));
    let loops = 0;
    const timer = setInterval(() => loops++, 1);
    const report = await started.done;
    clearInterval(timer);
    expect([report.ended, report.stages[0]?.out]).toEqual(['completed', 500_000]);
    expect(loops).toBeGreaterThan(3);
  });
});

describe('lines that are too long', () => {
  test.each([
    ['in one chunk', ['ab\nabc\r\nabcd\nab']],
    ['over chunks', ['ab\nab', 'c\r', '\nab', 'cd\nab']],
    ['byte by byte', 'ab\nabc\r\nabcd\nab'.split('')],
  ])('are an error, exactly from maxLength on: %s', async (_, chunks) => {
    expect(await ofChunks(chunks, { maxLength: 4 })).toEqual(['ab', 'abc', 'abcd', 'ab']);
    const probe = new Probe<string>().subscribe(lines(Readable.from(chunks), { maxLength: 3 }));
    await ended(probe);
    expect(probe.values).toEqual(['ab', 'abc']);
    expect(probe.error).toBeInstanceOf(LineTooLongError);
    expect(await ofChunks(chunks, { maxLength: 3, onError: 'skip' })).toEqual(['ab', 'abc', 'ab']);
    expect(await ofChunks(chunks, { maxLength: 1, onError: 'skip' })).toEqual([]);
  });

  test('are counted in bytes, without their end and without a byte order mark', async () => {
    expect(await ofChunks(['\uFEFF漢字\r\nb'], { maxLength: 6 })).toEqual(['漢字', 'b']);
    expect(await ofChunks(['\uFEFF', '漢', '字', '\r', '\nb'], { maxLength: 6 })).toEqual(['漢字', 'b']);
    expect(await ofChunks(['漢字\nb'], { maxLength: 5, onError: 'skip' })).toEqual(['b']);
    expect(await ofChunks(['ab', 'cdef'], { maxLength: 5, onError: 'skip' })).toEqual([]);
    expect(await ofChunks(['ab', 'cde\r'], { maxLength: 6 })).toEqual(['abcde\r']);
  });

  test('are an error that names the file, the line, the limit and what to do', async () => {
    const path = file('long.txt', `a\n\n${'b'.repeat(2000)}\nc`);
    const error = await errorOf(lines(path, { maxLength: 1999, name: 'log' }));
    expect(error).toBeInstanceOf(LineTooLongError);
    expect(error).toMatchObject({ name: 'LineTooLongError', code: 'ERR_LINE_TOO_LONG', stage: 'log' });
    expect(error).toMatchObject({ path, line: 3, limit: 1999 });
    expect(String(error)).toBe(
      `LineTooLongError: Line 3 of "${path}" is longer than 1999 bytes. Raise maxLength, or leave such lines out with onError: 'skip'.`,
    );
    const ofStream = await errorOf(lines(Readable.from(['abc']), { maxLength: 2 }));
    expect(ofStream).toMatchObject({ path: undefined, line: 1, stage: 'lines' });
    expect(String(ofStream)).toMatch('Line 1 of the stream is longer than 2 bytes.');
  });

  test('fail while they still come, so that a stream without line ends takes no memory', async () => {
    let made = 0;
    const endless = new Readable({
      read() {
        made++;
        this.push(Buffer.alloc(65_536, 'x'));
      },
    });
    const error = await errorOf(lines(endless));
    expect(error).toMatchObject({ code: 'ERR_LINE_TOO_LONG', limit: 1_048_576 });
    expect(made).toBeLessThanOrEqual(16 + 3);
    expect(endless.destroyed).toBe(true);
  });

  test("are passed over with onError: 'skip', in whichever place, and counted", async () => {
    const long = 'x'.repeat(300_000);
    const path = file('skip.txt', `${long}\na\n${long}\r\n${long}\nb\n${long}`);
    const flow = new TestFlow();
    const probe = new Probe<string>(flow).subscribe(lines(path, { maxLength: 100, onError: 'skip' }));
    await ended(probe);
    expect([probe.values, probe.ended]).toEqual([['a', 'b'], 'completed']);
    expect(flow.node('lines').telemetry).toMatchObject({ out: 2, failed: 4 });
  });

  test('are passed over to their end, wherever chunks end in them, and where short lines need no closer look', async () => {
    const [long, rest] = ['x'.repeat(3000), 'y'.repeat(50)];
    const chunks = [`a\n${long}`, rest, `${rest}\nb\n${rest}`, '\n', long, `${long}\n`, 'c'];
    expect(await ofChunks(chunks, { maxLength: 2000, onError: 'skip' })).toEqual(['a', 'b', rest, 'c']);
  });

  test('are numbered right after others were left out', async () => {
    const chunks = ['aaaa\nb\ncc', 'cc\nd\neeeee', 'e\nf\n'];
    const found: number[] = [];
    const flow = new TestFlow();
    for (let limit = 1; limit <= 6; limit++) {
      const probe = new Probe<string>(flow).subscribe(lines(Readable.from(chunks), { maxLength: limit }));
      await ended(probe);
      found.push(probe.error instanceof LineTooLongError ? probe.error.line : 0);
    }
    expect(found).toEqual([1, 1, 1, 5, 5, 0]);
  });

  test('do not exist with maxLength: Infinity', async () => {
    const long = 'y'.repeat(3_000_000);
    expect(await all(lines(file('endless.txt', `${long}\nz`), { maxLength: Infinity }))).toEqual([long, 'z']);
  });
});

describe('errors of lines', () => {
  test.each([
    ['a missing file', 'ENOENT', (): string => join(directory, 'missing.txt')],
    ['a missing gzip file', 'ENOENT', (): string => join(directory, 'missing.gz')],
    ['a directory', 'EISDIR', (): string => directory],
    ['a file in what is no directory', 'ENOTDIR', (): string => join(file('plain', ''), 'inside')],
    ['a file that is no gzip', 'Z_DATA_ERROR', (): string => file('no.gz', 'not gzip at all')],
    ['an empty gzip file', 'Z_BUF_ERROR', (): string => file('empty.gz', '')],
    ['gzip that breaks off', 'Z_BUF_ERROR', (): string => file('cut.gz', gzipSync(manyLines(9)).subarray(0, -10))],
    ['gzip with a wrong check sum', 'Z_DATA_ERROR', (): string => file('crc.gz', damaged(gzipSync(manyLines(9))))],
  ])('of %s: FileReadError with %s, the path and the cause', async (_, code, make) => {
    const path = make();
    const error = (await errorOf(lines(path, { name: 'log' }))) as FileReadError;
    expect(error).toBeInstanceOf(FileReadError);
    expect(error).toMatchObject({ name: 'FileReadError', code, path, stage: 'log' });
    expect(error.cause).toMatchObject({ code });
    expect(error.message).toMatch(`Cannot read "${path}": ${(error.cause as Error).message}`);
    await allClosed();
  });

  test('say what to do about gzip', async () => {
    expect(String(await errorOf(lines(file('b.gz', 'text'))))).toMatch('with gzip: false it is read as it is');
    expect(String(await errorOf(lines(file('c.gz', gzipSync('text').subarray(0, 12)))))).toMatch('incomplete');
  });

  test('of a gzip file that breaks off come after every line before', async () => {
    const text = manyLines(20_000);
    const probe = new Probe<string>().subscribe(lines(file('half.gz', gzipSync(text).subarray(0, -9))));
    await ended(probe);
    expect([probe.values.length, probe.error]).toEqual([19_999, expect.objectContaining({ code: 'Z_BUF_ERROR' })]);
  });

  test('of a stream are its own, and pass a closed gate at once (R-15)', async () => {
    const error = new Error('broken');
    const producer = new PassThrough();
    const probe = new Probe<string>();
    probe.allow(1);
    probe.subscribe(lines(producer));
    producer.write('a\nb\nc');
    await received(probe, 1);
    producer.destroy(error);
    await ended(probe);
    expect([probe.values, probe.error]).toEqual([['a'], error]);
    expect(probe.error).toBe(error);
  });

  test.each([[5], [{}], [null], [new Date(0)]])('a stream of %o is no stream of bytes or text', async (chunk) => {
    const stream = ReadableStream.from(['a\n', chunk]) as ReadableStream<string>;
    const probe = new Probe<string>().subscribe(lines(stream));
    await ended(probe);
    expect(probe.values).toEqual(['a']);
    expect(probe.error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', received: chunk });
    expect(String(probe.error)).toMatch('lines(): "source" must be a stream of bytes or text. Received');
    await turns();
    expect(stream.locked).toBe(false);
  });

  test('a stream can be read once', async () => {
    const source = lines(Readable.from(['a\n']));
    const [first, second] = [new Probe<string>().subscribe(source), new Probe<string>().subscribe(source)];
    expect(String(second.error)).toMatch('lines(): "source" must be a stream that nothing else reads');
    await ended(first);
    expect(first.values).toEqual(['a']);
  });
});

describe('lines refuses at the call', () => {
  const bad = lines as (source: unknown, options?: unknown) => unknown;
  test.each([
    ['an empty path', '', 'ERR_INVALID_ARG_VALUE', 'the path of a file'],
    ['a path with NUL', 'a\0b', 'ERR_INVALID_ARG_VALUE', 'the path of a file'],
    ['another URL', new URL('https://example.com/a'), 'ERR_INVALID_ARG_VALUE', 'a URL that begins with file://'],
    ['a URL with NUL', new URL('file:///a%00b'), 'ERR_INVALID_ARG_VALUE', 'the path of a file'],
    [
      'a URL with an encoded slash',
      new URL('file:///a%2Fb'),
      'ERR_INVALID_ARG_VALUE',
      'a URL that begins with file://',
    ],
    ['undefined', undefined, 'ERR_INVALID_ARG_TYPE', 'a path, a file: URL, a stream'],
    ['null', null, 'ERR_INVALID_ARG_TYPE', 'a path, a file: URL, a stream'],
    ['a number', 5, 'ERR_INVALID_ARG_TYPE', 'a path, a file: URL, a stream'],
    ['bytes', Buffer.from('a'), 'ERR_INVALID_ARG_TYPE', 'a path, a file: URL, a stream'],
    ['an array', ['a'], 'ERR_INVALID_ARG_TYPE', 'a path, a file: URL, a stream'],
  ])('%s', (_, source, code, rule) => {
    expect(() => bad(source)).toThrow(refusal('TypeError', code, 'source', rule));
  });

  test.each([
    ['maxLength', 0, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['maxLength', -1, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['maxLength', -0, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['maxLength', 1.5, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['maxLength', Number.NaN, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['maxLength', 2 ** 53, 'RangeError', 'ERR_OUT_OF_RANGE'],
    ['maxLength', '10', 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['maxLength', null, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['onError', 'emit', 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['onError', 1, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['encoding', 'utf-16', 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['encoding', null, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['gzip', 'yes', 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['gzip', 1, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    ['name', '', 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['name', 'a\nb', 'TypeError', 'ERR_INVALID_ARG_VALUE'],
    ['name', 5, 'TypeError', 'ERR_INVALID_ARG_TYPE'],
  ])('%s: %o', (option, value, name, code) => {
    expect(() => bad('file', { [option]: value })).toThrow(refusal(name, code, option, ''));
  });

  test.each([[null], [5], [[]], ['gzip']])('%o as options', (options) => {
    expect(() => bad('file', options)).toThrow(refusal('TypeError', 'ERR_INVALID_ARG_TYPE', 'options', 'an object'));
  });

  test('an unknown option, with the name that was meant', () => {
    expect(() => bad('file', { maxlength: 5 })).toThrow('Did you mean "maxLength"?');
  });

  test('gzip: true with a stream', () => {
    expect(() => lines(new PassThrough(), { gzip: true })).toThrow('pipe it through createGunzip()');
    expect(() => lines(() => new PassThrough(), { gzip: true })).toThrow('"gzip" must be left out with a stream');
  });

  test('nothing for an option that is undefined or inherited', async () => {
    const path = file('options.txt', 'a\n');
    const undefinedOnes: LinesOptions = {
      maxLength: undefined,
      onError: undefined,
      encoding: undefined,
      gzip: undefined,
    };
    expect(await all(lines(path, undefinedOnes))).toEqual(['a']);
    expect(await all(lines(path, Object.create({ maxLength: -1 }) as LinesOptions))).toEqual(['a']);
  });

  test('at compile time, too', () => {
    expectTypeOf(lines('file')).toEqualTypeOf<Observable<string>>();
    expectTypeOf(lines(new URL('file:///a'))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(lines(() => new PassThrough()).pipe(map((line) => line.length))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(lines(process.stdin)).toEqualTypeOf<Observable<string>>();
    // @ts-expect-error a number is no source
    expect(() => lines(5)).toThrow(TypeError);
    // @ts-expect-error lines cannot be emitted as results
    expect(() => lines('file', { onError: 'emit' })).toThrow(TypeError);
    // @ts-expect-error a stream of numbers has no lines
    lines(new ReadableStream<number>());
  });
});

/** The same data with a wrong check sum. */
function damaged(gzip: Buffer): Buffer {
  gzip[gzip.length - 8]! ^= 1;
  return gzip;
}

/** The error for a wrong argument. */
const refusal = (name: string, code: string, option: string, rule: string): unknown =>
  expect.objectContaining({
    name,
    code,
    option,
    message: expect.stringContaining(`lines(): "${option}" must be ${rule}`) as string,
  });

/** A stream of text that was UTF-16. */
const decoded = (): ReadableStream<string> =>
  ReadableStream.from([Buffer.from('a\nb\n', 'utf16le')]).pipeThrough(new TextDecoderStream('utf-16le'));
