import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  EMPTY,
  NEVER,
  Subject,
  concat,
  forkJoin,
  from,
  lastValueFrom,
  of,
  take,
  throwError,
  toArray,
  type Observable,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { encodeNdjson } from '../../src/sinks/encodeNdjson.ts';
import { FileWriteError } from '../../src/sinks/FileWriteError.ts';
import { toFile, type ToFileOptions, type WrittenFile } from '../../src/sinks/toFile.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { run } from '../../src/observe/run.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';

let directory: string;
const at = (name: string): string => join(directory, name);
const read = (name: string): string => fs.readFileSync(at(name), 'utf8');
const names = (): string[] => fs.readdirSync(directory).toSorted();

const repeated = (text: string, times: number): Observable<string> =>
  fromIterable(Array.from({ length: times }, () => text));

/** For what happens outside this process's own turns: files have no events of their own. */
const until = (check: () => boolean): Promise<unknown> => vi.waitUntil(check, { interval: 2, timeout: 10_000 });

/** The open files of this process that lie in the directory; where there is no /proc, none. */
function openFiles(): string[] {
  if (!fs.existsSync('/proc/self/fd')) return [];
  return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return [];
    }
  });
}

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'sluice-to-file-'));
});

afterEach(() => {
  vi.restoreAllMocks();
  const left = openFiles();
  const temporary = fs.existsSync(directory) ? names().filter((name) => name.endsWith('.tmp')) : [];
  fs.rmSync(directory, { recursive: true, force: true });
  expect({ left, temporary }).toEqual({ left: [], temporary: [] });
});

describe('toFile', () => {
  test('writes everything one behind the other, says what it wrote, and completes', async () => {
    const written = await lastValueFrom(of('a\n', 'b\n', 'ü\n').pipe(toFile(at('f')), toArray()));
    expect(read('f')).toBe('a\nb\nü\n');
    expect(written).toEqual([{ path: at('f'), bytes: 7, items: 3 }]);
    expect(names()).toEqual(['f']);
  });

  test('takes strings and bytes as they come, empty ones too', async () => {
    const items = ['', 'a', new Uint8Array([0, 255]), Buffer.from('b'), new Uint8Array(), 'c', 'd', ''];
    const written = await lastValueFrom(from(items).pipe(toFile(at('f'))));
    expect([...fs.readFileSync(at('f'))]).toEqual([97, 0, 255, 98, 99, 100]);
    expect(written).toMatchObject({ bytes: 6, items: 8 });
  });

  test('R-03 makes an empty file of an empty source', async () => {
    expect(await lastValueFrom(EMPTY.pipe(toFile(at('f'))))).toEqual({ path: at('f'), bytes: 0, items: 0 });
    expect(read('f')).toBe('');
  });

  test('takes a relative path, which it gives back as it was, and a file: URL', async () => {
    const path = relative(process.cwd(), at('a b'));
    expect(await lastValueFrom(of('1').pipe(toFile(path)))).toMatchObject({ path });
    expect(await lastValueFrom(of('2').pipe(toFile(pathToFileURL(at('a c')))))).toMatchObject({ path: at('a c') });
    expect([read('a b'), read('a c')]).toEqual(['1', '2']);
  });

  test('keeps to the directory in which it was subscribed', async () => {
    const before = process.cwd();
    process.chdir(directory);
    try {
      const items = new Subject<string>();
      const done = lastValueFrom(items.pipe(toFile('f')));
      fs.mkdirSync('elsewhere');
      process.chdir('elsewhere');
      items.next('a');
      items.complete();
      expect(await done).toMatchObject({ path: 'f' });
    } finally {
      process.chdir(before);
    }
    expect(names()).toEqual(['elsewhere', 'f']);
  });

  test('compresses where the name ends in .gz, or as it is told, and counts the bytes of the file', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`);
    for (const name of ['f.gz', 'f.GZ']) {
      const written = await lastValueFrom(fromIterable(lines).pipe(toFile(at(name))));
      expect(gunzipSync(fs.readFileSync(at(name))).toString()).toBe(lines.join(''));
      expect(written).toEqual({ path: at(name), bytes: fs.statSync(at(name)).size, items: 50_000 });
    }
    await lastValueFrom(of('as it is').pipe(toFile(at('no.gz'), { gzip: false })));
    expect(read('no.gz')).toBe('as it is');
    await lastValueFrom(of('compressed').pipe(toFile(at('f'), { gzip: true })));
    expect(gunzipSync(fs.readFileSync(at('f'))).toString()).toBe('compressed');
    await lastValueFrom(EMPTY.pipe(toFile(at('empty.gz'))));
    expect(gunzipSync(fs.readFileSync(at('empty.gz')))).toHaveLength(0);
    await lastValueFrom(of(lines.join('')).pipe(toFile(at('one.gz'))));
    expect(gunzipSync(fs.readFileSync(at('one.gz'))).toString()).toBe(lines.join(''));
  });

  test('writes a character whose halves come in two items, in whatever write they fall', async () => {
    const halves = '😀x😀'.split('');
    for (const capacity of [1, 2, 3, 2048]) {
      await lastValueFrom(fromIterable(halves).pipe(toFile(at('f'), { capacity })));
      expect(read('f'), `capacity ${capacity}`).toBe('😀x😀');
    }
  });

  test('writes half a character as the sign for what is no character, at the end and before bytes', async () => {
    const [half] = '😀'.split('') as [string];
    for (const capacity of [1, 2048]) {
      await lastValueFrom(fromIterable([half, Buffer.from('a'), half, 'b', half]).pipe(toFile(at('f'), { capacity })));
      expect(read('f')).toBe('\uFFFDa\uFFFDb\uFFFD');
    }
  });

  test('R-01 touches nothing before subscribe, and R-05 writes anew for each subscription', async () => {
    const flow = fromIterable(() => ['a', 'b']).pipe(toFile(at('f')));
    expect(names()).toEqual([]);
    await lastValueFrom(flow);
    fs.writeFileSync(at('f'), 'between');
    expect(await lastValueFrom(flow)).toMatchObject({ bytes: 2, items: 2 });
    expect(read('f')).toBe('ab');
  });

  test('leaves what is in its place alone until the new file is whole', async () => {
    fs.writeFileSync(at('f'), 'old');
    const items = new Subject<string>();
    const done = lastValueFrom(items.pipe(toFile(at('f'))));
    items.next('new');
    await until(() => names().length === 2);
    await until(() => fs.statSync(at(names()[0]!)).size === 3);
    expect(names()[0]).toMatch(/^\.f\.[0-9a-f]{24}\.tmp$/);
    expect(read('f')).toBe('old');
    items.complete();
    await done;
    expect(read('f')).toBe('new');
  });

  test('X21 names the unfinished file in a way that nobody can foresee', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const flow = run(NEVER.pipe(toFile(at('f'))));
      await until(() => names().length === 1);
      seen.add(names()[0]!);
      flow.abort();
      await flow.done;
    }
    expect(seen.size).toBe(10);
  });

  test('makes the file with the permissions that "mode" and the umask leave', async () => {
    const umask = process.umask(0o027);
    try {
      await lastValueFrom(of('a').pipe(toFile(at('default'))));
      await lastValueFrom(of('a').pipe(toFile(at('private'), { mode: 0o600 })));
      const modes = ['default', 'private'].map((name) => fs.statSync(at(name)).mode & 0o777);
      expect(modes).toEqual([0o640, 0o600]);
    } finally {
      process.umask(umask);
    }
  });

  test('takes a name as long as the file system does', async () => {
    const name = 'ü'.repeat(127);
    await lastValueFrom(of('a').pipe(toFile(at(name))));
    expect(names()).toEqual([name]);
  });

  test('infers types, and composes with an encoder', async () => {
    const flow = of({ a: 1 }).pipe(encodeNdjson(), toFile(at('f.ndjson')));
    expectTypeOf(flow).toEqualTypeOf<Observable<WrittenFile>>();
    of(Buffer.from('a')).pipe(toFile(at('f')));
    of('a', new Uint8Array()).pipe(toFile(at('f')));
    // @ts-expect-error -- neither a string nor bytes
    of(1).pipe(toFile(at('f')));
    await lastValueFrom(flow);
    expect(read('f.ndjson')).toBe('{"a":1}\n');
  });
});

describe('toFile ends', () => {
  test('R-45 R-55 with an error of its source: at once, the same error, nothing left', async () => {
    fs.writeFileSync(at('f'), 'old');
    const failure = new Error('mid-file');
    const lines = repeated('x'.repeat(100), 5000);
    const source = concat(
      lines,
      throwError(() => failure),
    );
    const { done } = run(source.pipe(toFile(at('f'))));
    await expect(done).rejects.toMatchObject({ cause: failure });
    // `done` has waited for the removal.
    expect(names()).toEqual(['f']);
    expect(openFiles()).toEqual([]);
    expect(read('f')).toBe('old');
  });

  test('R-15 with an error of its source through a closed gate, in the same tick', async () => {
    const items = new Subject<string>();
    const flow = new TestFlow();
    const probe = new Probe<WrittenFile>(flow).subscribe(items.pipe(toFile(at('f'))));
    probe.close();
    items.next('a');
    items.error('no');
    expect([probe.error, probe.ended]).toEqual(['no', 'failed']);
    expect(flow.released).toHaveLength(1);
    await Promise.all(flow.released);
    expect(names()).toEqual([]);
    flow.check();
  });

  test('R-04 with an unsubscribe from a source that never says anything', async () => {
    const flow = run(NEVER.pipe(toFile(at('f'))));
    await until(() => names().length === 1);
    flow.abort();
    await flow.done;
    expect(names()).toEqual([]);
  });

  test('R-41 with an unsubscribe in the tick of the subscribe, before a file is made', async () => {
    const flow = run(of('a').pipe(toFile(at('f'))));
    flow.abort();
    await flow.done;
    expect(names()).toEqual([]);
  });

  test(
    'R-41 with an unsubscribe at any turn of the event loop, with everything or nothing',
    { timeout: 60_000 },
    async () => {
      const old = 'o'.repeat(1000);
      const whole = 'n'.repeat(300_000);
      const source = repeated('n'.repeat(1000), 300);
      const tooLate: number[] = [];
      for (let turns = 0; tooLate.length < 5; turns += 1 + (turns >> 4)) {
        fs.writeFileSync(at('f'), old);
        const flow = run(source.pipe(toFile(at('f'), { capacity: 100 })));
        for (let i = 0; i < turns; i++) await turn();
        flow.abort();
        const { ended } = await flow.done;
        const content = read('f');
        expect(names()).toEqual(['f']);
        expect(openFiles()).toEqual([]);
        expect([old, whole]).toContain(content);
        if (ended === 'completed') expect(content).toBe(whole);
        if (content === whole) tooLate.push(turns);
      }
      expect(tooLate[0]).toBeGreaterThan(5);
    },
  );

  test('R-23 when it is subscribed by something that wants nothing', async () => {
    const pulled: number[] = [];
    const source = fromIterable(function* () {
      for (let i = 0; i < 10; i++) {
        pulled.push(i);
        yield 'a';
      }
    });
    const { done } = run(source.pipe(toFile(at('f')), take(0)));
    await done;
    expect(pulled).toEqual([]);
    expect(names()).toEqual([]);
  });

  test('well, where something below takes the summary and no more', async () => {
    const probe = new Probe<WrittenFile>();
    const ended = new Promise<void>((resolve) => (probe.onEnd = resolve));
    probe.subscribe(of('a').pipe(toFile(at('f')), take(1)));
    await ended;
    expect(probe.values).toMatchObject([{ items: 1 }]);
    expect(probe.gate).toMatchObject({ attached: 0, waiting: 0 });
    expect(read('f')).toBe('a');
  });

  test('gracefully: what has come is in the file', async () => {
    const source = fromIterable(function* () {
      for (let i = 0; ; i++) yield `${i}\n`;
    });
    const flow = run(source.pipe(toFile(at('f'))));
    await until(() => names().some((name) => fs.statSync(at(name)).size > 1000));
    const report = await flow.shutdown();
    expect(report).toMatchObject({ ended: 'quit', results: 1, abandoned: 0 });
    const lines = read('f').trimEnd().split('\n');
    expect(lines).toEqual(lines.map((_, i) => String(i)));
    expect(lines).toHaveLength(report.stages.find(({ name }) => name === 'toFile')!.in);
  });

  test('with a TypeError for an item that is neither a string nor bytes, which it numbers', async () => {
    for (const item of [1, null, undefined, {}, ['a'], new Uint16Array(1), new DataView(new ArrayBuffer(1))]) {
      const { done } = run(from(['a', 'b', item as string]).pipe(toFile(at('f'))));
      await expect(done).rejects.toMatchObject({
        cause: { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'item 2', received: item },
      });
      expect(names()).toEqual([]);
    }
  });

  test('X14 with a clear error where there can be no file', async () => {
    fs.mkdirSync(at('folder'));
    fs.symlinkSync(at('elsewhere'), at('link'));
    fs.writeFileSync(at('taken'), 'old');
    const cases: [name: string, options: ToFileOptions, code: string, words: RegExp][] = [
      [
        'folder',
        {},
        'EISDIR',
        /could not write ".*folder": EISDIR: it is a directory. Give the path of a file in it.$/,
      ],
      ['folder/.', {}, 'EISDIR', /EISDIR: it is a directory/],
      ['missing/f', {}, 'ENOENT', /ENOENT: no such file or directory, open. Its directory has to exist/],
      ['taken/f', {}, 'ENOTDIR', /ENOTDIR: not a directory, lstat.$/],
      ['link', {}, 'ELOOP', /it is a symbolic link; give the path of the file itself/],
      ['taken', { overwrite: false }, 'EEXIST', /EEXIST: it exists already. Remove it first/],
      ['n'.repeat(300), {}, 'ENAMETOOLONG', /ENAMETOOLONG: name too long/],
    ];
    for (const [name, options, code, words] of cases) {
      const error = await lastValueFrom(of('a').pipe(toFile(`${directory}/${name}`, options))).catch((e: unknown) => e);
      expect(error, name).toBeInstanceOf(FileWriteError);
      expect(error).toMatchObject({ code, stage: 'toFile', path: `${directory}/${name}`, bytes: 0, cause: { code } });
      expect((error as Error).message).toMatch(words);
      expect((error as Error).message).not.toContain('.tmp');
    }
    expect(names()).toEqual(['folder', 'link', 'taken']);
    expect(read('taken')).toBe('old');
  });

  test('X14 with an error rather than replace a device', async () => {
    const error = await lastValueFrom(of('a').pipe(toFile('/dev/null'))).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'EINVAL', message: expect.stringContaining('a device') });
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('where its directory goes away half way: nothing comes of it, and the error says so', async () => {
    const lateError = vi.spyOn(hooks, 'lateError');
    fs.mkdirSync(at('d'));
    const items = new Subject<string>();
    const done = lastValueFrom(items.pipe(toFile(at('d/f'))));
    items.next('abc');
    await until(() => fs.readdirSync(at('d')).some((name) => fs.statSync(at(`d/${name}`)).size === 3));
    fs.rmSync(at('d'), { recursive: true });
    items.complete();
    await expect(done).rejects.toMatchObject({ code: 'ENOENT', bytes: 3, path: at('d/f') });
    expect(lateError).not.toHaveBeenCalled();
    expect(openFiles()).toEqual([]);
  });

  test('with "overwrite: false" where another came first', async () => {
    const items = new Subject<string>();
    const done = lastValueFrom(items.pipe(toFile(at('f'), { overwrite: false })));
    items.next('mine');
    await until(() => names().length === 1);
    fs.writeFileSync(at('f'), 'yours');
    items.complete();
    await expect(done).rejects.toMatchObject({ code: 'EEXIST', bytes: 4 });
    expect(read('f')).toBe('yours');
    fs.rmSync(at('f'));
    await lastValueFrom(of('mine').pipe(toFile(at('f'), { overwrite: false })));
    expect(read('f')).toBe('mine');
  });

  test('each of two flows to one path whole: the last one wins', async () => {
    const flows = ['a', 'b'].map((letter) => repeated(letter, 3000).pipe(toFile(at('f'), { capacity: 7 })));
    await lastValueFrom(forkJoin(flows));
    expect(['a', 'b'].map((letter) => letter.repeat(3000))).toContain(read('f'));
    expect(names()).toEqual(['f']);
  });
});

describe('toFile holds back', () => {
  test('R-10 G1 its source at "capacity" items while a write is under way, and writes in order', async () => {
    const flow = new TestFlow();
    let pulled = 0;
    const source = fromIterable(function* () {
      while (pulled < 1000) yield `${pulled++}\n`;
    });
    const probe = new Probe<WrittenFile>(flow).subscribe(source.pipe(toFile(at('f'), { capacity: 10 })));
    // Opening takes at least a turn of the event loop.
    expect(pulled).toBe(10);
    await new Promise<void>((resolve) => (probe.onEnd = resolve));
    flow.check();
    const { telemetry } = flow.node('toFile');
    expect(telemetry).toMatchObject({ in: 1000, out: 1, completed: 1000, abandoned: 0, peak: 10, concurrency: 1 });
    expect(flow.live.size).toBe(0);
    expect(read('f')).toBe(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(''));
  });

  test('R-10 no two large items, also where a small one came before', async () => {
    const size = 5 * 2 ** 20;
    const written = (): number => fs.readdirSync(directory).reduce((sum, name) => sum + fs.statSync(at(name)).size, 0);
    /** How much had been written when each large item was asked for. */
    const before: number[] = [];
    const source = fromIterable(function* () {
      yield 'a';
      for (let i = 0; i < 3; i++) {
        before.push(written());
        yield new Uint8Array(size);
      }
    });
    expect(await lastValueFrom(source.pipe(toFile(at('f'))))).toMatchObject({ items: 4, bytes: 3 * size + 1 });
    expect(before[0]).toBe(0);
    expect(before[1]).toBeGreaterThanOrEqual(size);
    expect(before[2]).toBeGreaterThanOrEqual(2 * size);
  });

  test('R-10 large items at 1 MiB, or at one that is larger', async () => {
    for (const [size, most] of [
      [300_000, 4],
      [5_000_000, 1],
      [1024 * 1024, 1],
      [1024, 1024],
    ] as const) {
      let pulled = 0;
      const source = fromIterable(function* () {
        while (pulled < most * 4) {
          pulled++;
          yield new Uint8Array(size).fill(pulled);
        }
      });
      const flow = new TestFlow();
      const probe = new Probe<WrittenFile>(flow).subscribe(source.pipe(toFile(at('f'))));
      expect(pulled).toBe(most);
      await new Promise<void>((resolve) => (probe.onEnd = resolve));
      expect(flow.node('toFile').telemetry.peak).toBe(most);
      const content = fs.readFileSync(at('f'));
      expect(content).toHaveLength(most * 4 * size);
      for (let i = 0; i < most * 4; i++) expect(content[i * size + (i % size)]).toBe((i + 1) % 256);
    }
  });

  test('G7 a source that cannot be paused: keeps everything, and warns once', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const items = Array.from({ length: 10_000 }, (_, i) => `${i}\n`);
    await lastValueFrom(from(items).pipe(toFile(at('f'), { capacity: 100 })));
    expect(read('f')).toBe(items.join(''));
    expect(warn).toHaveBeenCalledTimes(1);
    await expect(
      lastValueFrom(from(items).pipe(toFile(at('g'), { capacity: 100, overflowLimit: 1000 }))),
    ).rejects.toMatchObject({ code: 'ERR_OVERFLOW', bound: 100 });
    await expect(
      run(from(items).pipe(toFile(at('h'), { capacity: 100 })), { strict: true }).done,
    ).rejects.toMatchObject({
      cause: { code: 'ERR_OVERFLOW', held: 101 },
    });
    expect(names()).toEqual(['f']);
  });

  test('G7 large items of a source that cannot be paused count as an overrun, too', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const items = Array.from({ length: 8 }, (_, i) => String(i).repeat(400_000));
    await lastValueFrom(from(items).pipe(toFile(at('f'))));
    expect(read('f')).toBe(items.join(''));
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('G5 begins no write and sends no summary while the gate below is closed', async () => {
    const flow = new TestFlow();
    const items = new Subject<string>();
    const probe = new Probe<WrittenFile>(flow).subscribe(items.pipe(toFile(at('f'))));
    await until(() => names().length === 1);
    await turn();
    items.next('a');
    probe.close();
    items.next('b');
    items.complete();
    await until(() => flow.node('toFile').telemetry.completed === 1);
    expect(probe.gate.waiting).toBe(1);
    probe.open();
    probe.close();
    await until(() => names().includes('f'));
    await until(() => probe.gate.waiting === 1);
    expect(probe.values).toEqual([]);
    expect(probe.ended).toBeUndefined();
    probe.open();
    expect(probe.values).toEqual([{ path: at('f'), bytes: 2, items: 2 }]);
    expect(probe.ended).toBe('completed');
    expect(probe.gate).toMatchObject({ attached: 0, waiting: 0 });
    flow.check();
  });

  test('G6 leaves the queue of the gate below when it is unsubscribed with its summary unsent', async () => {
    const probe = new Probe<WrittenFile>();
    probe.close();
    probe.subscribe(EMPTY.pipe(toFile(at('f'))));
    await until(() => probe.gate.waiting === 1);
    expect(names()).toEqual(['f']);
    probe.unsubscribe();
    expect(probe.gate).toMatchObject({ attached: 0, waiting: 0 });
    probe.open();
    expect(probe.values).toEqual([]);
    expect(names()).toEqual(['f']);
  });
});

const million = (salt: string): Observable<string> =>
  fromIterable(function* () {
    for (let i = 0; i < 1_000_000; i++) yield `${salt} ${i}\n`;
  });

function digest(salt: string): string {
  const hash = createHash('sha256');
  for (let i = 0; i < 1_000_000; i += 1000) {
    let text = '';
    for (let j = i; j < i + 1000; j++) text += `${salt} ${j}\n`;
    hash.update(text);
  }
  return hash.digest('hex');
}

const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

describe('toFile under load', () => {
  test('writes two million small items in two flows at once, within the bound', { timeout: 60_000 }, async () => {
    const written = await lastValueFrom(
      forkJoin([million('one').pipe(toFile(at('one'))), million('two').pipe(toFile(at('two.gz')))]),
    );
    expect(written.map(({ items }) => items)).toEqual([1_000_000, 1_000_000]);
    expect(digestOf(fs.readFileSync(at('one')))).toBe(digest('one'));
    expect(digestOf(gunzipSync(fs.readFileSync(at('two.gz'))))).toBe(digest('two'));
  });

  test('L1 keeps memory flat, however long the flow', { timeout: 60_000 }, async () => {
    let most = 0;
    const source = fromIterable(function* () {
      for (let i = 0; i < 600; i++) {
        const { heapUsed, external } = process.memoryUsage();
        most = Math.max(most, heapUsed + external);
        for (let j = 0; j < 1000; j++) yield 'x'.repeat(200);
      }
    });
    const flow = run(source.pipe(toFile(at('f'), { sync: false })));
    const before = process.memoryUsage();
    const report = await flow.done;
    expect(report.stages.find(({ name }) => name === 'toFile')!.peak).toBeLessThanOrEqual(2048);
    expect(fs.statSync(at('f')).size).toBe(120_000_000);
    expect(most - before.heapUsed - before.external).toBeLessThan(60 * 2 ** 20);
  });
});

describe('toFile refuses at the call', () => {
  test.each([
    ['', 'ERR_INVALID_ARG_VALUE'],
    ['a\0b', 'ERR_INVALID_ARG_VALUE'],
    ['folder/', 'ERR_INVALID_ARG_VALUE'],
    [new URL('https://example.org/f'), 'ERR_INVALID_ARG_VALUE'],
    [new URL('file:///a%00b'), 'ERR_INVALID_ARG_VALUE'],
    [new URL('file:///a%2Fb'), 'ERR_INVALID_ARG_VALUE'],
    [new URL('file:///a/'), 'ERR_INVALID_ARG_VALUE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [1, 'ERR_INVALID_ARG_TYPE'],
    [Buffer.from('f'), 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
  ])('the path %o', (path, code) => {
    expect(() => toFile(path as string)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code,
        option: 'path',
        message: expect.stringMatching(/^toFile\(\): "path" must be /),
      }),
    );
  });

  test.each([
    [{ capacity: 0 }, 'capacity', 'ERR_OUT_OF_RANGE'],
    [{ capacity: Infinity }, 'capacity', 'ERR_OUT_OF_RANGE'],
    [{ capacity: '1' }, 'capacity', 'ERR_INVALID_ARG_TYPE'],
    [{ mode: 0o1000 }, 'mode', 'ERR_OUT_OF_RANGE'],
    [{ mode: -1 }, 'mode', 'ERR_OUT_OF_RANGE'],
    [{ mode: '600' }, 'mode', 'ERR_INVALID_ARG_TYPE'],
    [{ overwrite: 'no' }, 'overwrite', 'ERR_INVALID_ARG_TYPE'],
    [{ sync: 1 }, 'sync', 'ERR_INVALID_ARG_TYPE'],
    [{ gzip: 9 }, 'gzip', 'ERR_INVALID_ARG_TYPE'],
    [{ name: '' }, 'name', 'ERR_INVALID_ARG_VALUE'],
    [{ overflowLimit: NaN }, 'overflowLimit', 'ERR_OUT_OF_RANGE'],
    [{ overwite: true }, 'options', 'ERR_INVALID_ARG_VALUE'],
    [null, 'options', 'ERR_INVALID_ARG_TYPE'],
    [[], 'options', 'ERR_INVALID_ARG_TYPE'],
  ])('the options %o', (options, option, code) => {
    expect(() => toFile('f', options as ToFileOptions)).toThrow(expect.objectContaining({ option, code }));
  });
});
