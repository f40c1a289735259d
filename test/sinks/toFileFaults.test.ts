import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync, Gzip } from 'node:zlib';
import { Subject, from, lastValueFrom, of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { toFile, type ToFileOptions, type WrittenFile } from '../../src/sinks/toFile.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';

type Step = 'lstat' | 'open' | 'write' | 'sync' | 'close' | 'rename' | 'link' | 'unlink';

const { faults, faulty } = vi.hoisted(() => {
  /** What happens to each call: by default, what the system does. */
  const state = {
    calls: [] as string[],
    /** Called before a step; what it throws, the step throws. */
    before: (_step: string): unknown => undefined,
    /** Called after a step, whichever way it went. */
    after: (_step: string): unknown => undefined,
    /** The most bytes one write takes. */
    most: Infinity,
  };
  const wrap = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    async function (this: unknown, ...args: A): Promise<R> {
      state.calls.push(name);
      await state.before(name);
      try {
        return await call.apply(this, args);
      } finally {
        await state.after(name);
      }
    };
  return { faults: state, faulty: wrap };
});

vi.mock('node:fs/promises', async (original) => {
  const system = await original<typeof promises>();
  const open = async (...args: Parameters<typeof system.open>): Promise<FileHandle> => {
    const handle = await system.open(...args);
    const write = handle.write.bind(handle) as unknown as (
      data: Uint8Array,
      from: number,
      length: number,
    ) => Promise<never>;
    return Object.assign(handle, {
      write: faulty('write', (data: Uint8Array, start: number, length: number) =>
        write(data, start, Math.min(length, faults.most)),
      ),
      sync: faulty('sync', handle.sync.bind(handle)),
      close: faulty('close', handle.close.bind(handle)),
    });
  };
  return {
    ...system,
    open: faulty('open', open),
    lstat: faulty('lstat', system.lstat as never),
    rename: faulty('rename', system.rename),
    link: faulty('link', system.link),
    unlink: faulty('unlink', system.unlink),
  };
});

let directory: string;
const at = (name: string): string => join(directory, name);
const read = (name: string): string => fs.readFileSync(at(name), 'utf8');
const names = (): string[] => fs.readdirSync(directory).toSorted();
const systemError = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: what the system says, ${syscall} '${at('.f.tmp')}'`), { code, syscall });

function openFiles(): number {
  if (!fs.existsSync('/proc/self/fd')) return 0;
  return fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;
}

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'sluice-to-file-faults-'));
});

afterEach(() => {
  vi.restoreAllMocks();
  Object.assign(faults, { calls: [], before: () => undefined, after: () => undefined, most: Infinity });
  const left = openFiles();
  fs.rmSync(directory, { recursive: true, force: true });
  expect(left).toBe(0);
});

/** Resolves once `step` is about to begin (or has just ended), and keeps it there until `goOn`. */
function stopAt(when: 'before' | 'after', step: Step): { reached: Promise<void>; goOn: () => void } {
  let reach!: () => void;
  let goOn!: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const going = new Promise<void>((resolve) => (goOn = resolve));
  faults[when] = (name) => {
    if (name !== step) return undefined;
    reach();
    return going;
  };
  return { reached, goOn };
}

describe('toFile R-41 unsubscribed', () => {
  const steps: [when: 'before' | 'after', step: Step, options: ToFileOptions, inPlace: boolean][] = [
    ['before', 'lstat', {}, false],
    ['after', 'lstat', {}, false],
    ['before', 'open', {}, false],
    ['after', 'open', {}, false],
    ['before', 'write', {}, false],
    ['after', 'write', {}, false],
    ['before', 'sync', {}, false],
    ['after', 'sync', {}, false],
    ['before', 'close', {}, false],
    ['after', 'close', {}, false],
    ['before', 'rename', {}, true],
    ['after', 'rename', {}, true],
    ['before', 'link', { overwrite: false }, true],
    ['after', 'link', { overwrite: false }, true],
    ['before', 'unlink', { overwrite: false }, true],
    ['after', 'unlink', { overwrite: false }, true],
  ];

  test.each(steps)('%s %s: nothing begins, and no trace is left (%o)', async (when, step, options, inPlace) => {
    const { reached, goOn } = stopAt(when, step);
    const flow = run(of('new').pipe(toFile(at('f'), options)));
    await reached;
    flow.abort();
    const before = faults.calls.length;
    goOn();
    const report = await flow.done;
    expect(report.ended).toBe('aborted');
    expect(names()).toEqual(inPlace ? ['f'] : []);
    expect(openFiles()).toBe(0);
    // What was under way ends; after it there are only the steps that clear up, and none twice.
    const cleaning = faults.calls.slice(before);
    expect(['', 'close', 'unlink', 'close,unlink']).toContain(cleaning.join());
  });

  test.each<Step>(['write', 'rename'])('before %s: sends nothing, and accounts for every item', async (step) => {
    const { reached, goOn } = stopAt('before', step);
    const flow = new TestFlow();
    const items = new Subject<string>();
    const probe = new Probe<WrittenFile>(flow).subscribe(items.pipe(toFile(at('f'))));
    for (const item of 'abc') items.next(item);
    if (step === 'rename') items.complete();
    await reached;
    probe.unsubscribe();
    goOn();
    await Promise.all(flow.released);
    await turn();
    flow.check();
    expect(flow.node('toFile').telemetry).toMatchObject({ in: 3, out: 0, abandoned: step === 'write' ? 3 : 0 });
    expect(probe.values).toEqual([]);
    expect(probe.gate).toMatchObject({ attached: 0, waiting: 0 });
  });

  test('in the middle of a large item: without its other half', async () => {
    const { reached, goOn } = stopAt('before', 'write');
    const flow = run(of(new Uint8Array(20 * 2 ** 20)).pipe(toFile(at('f'))));
    await reached;
    flow.abort();
    goOn();
    await flow.done;
    expect(faults.calls).toEqual(['lstat', 'open', 'write', 'close', 'unlink']);
    expect(names()).toEqual([]);
  });

  test('while compressing: lets go of what that takes', async () => {
    const destroy = vi.spyOn(Gzip.prototype, 'destroy');
    const { reached, goOn } = stopAt('before', 'write');
    const flow = run(of(randomBytes(1_000_000)).pipe(toFile(at('f.gz'))));
    await reached;
    flow.abort();
    goOn();
    await flow.done;
    expect(destroy).toHaveBeenCalledTimes(1);
    expect(names()).toEqual([]);
  });

  test('R-42 waits with the end of the flow until the file is closed and removed', async () => {
    const { reached, goOn } = stopAt('before', 'unlink');
    const items = new Subject<string>();
    const flow = run(items.pipe(toFile(at('f'))));
    await vi.waitUntil(() => names().length === 1, { interval: 2 });
    flow.abort();
    await reached;
    let isDone = false;
    void flow.done.finally(() => (isDone = true));
    await turn();
    expect(isDone).toBe(false);
    expect(names()).toHaveLength(1);
    goOn();
    await flow.done;
    expect(names()).toEqual([]);
  });

  test('says what kept it from removing the file', async () => {
    const lateError = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const error = systemError('EIO', 'unlink');
    faults.before = (step) => {
      if (step === 'unlink') throw error;
    };
    const flow = run(new Subject<string>().pipe(toFile(at('f'))));
    await vi.waitUntil(() => names().length === 1, { interval: 2 });
    flow.abort();
    expect(await flow.done).toMatchObject({ lateErrors: 1 });
    expect(lateError.mock.calls).toEqual([[error, 'toFile']]);
  });

  test('does not speak of a write that fails afterwards', async () => {
    const lateError = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const { reached, goOn } = stopAt('before', 'write');
    const flow = run(of('a').pipe(toFile(at('f'))));
    await reached;
    flow.abort();
    faults.after = (step) => {
      if (step === 'write') throw systemError('EIO', 'write');
    };
    goOn();
    await flow.done;
    expect(lateError).not.toHaveBeenCalled();
    expect(names()).toEqual([]);
  });
});

describe('toFile S1 S3 fails', () => {
  test('F12 when the disk is full: after a short write, with what the system said', async () => {
    fs.writeFileSync(at('f'), 'old');
    let room = 24_446;
    const error = systemError('ENOSPC', 'write');
    faults.before = (step) => {
      if (step !== 'write') return;
      if (room === 0) throw error;
      faults.most = room;
    };
    faults.after = (step) => {
      if (step === 'write') room = 0;
    };
    const { done } = run(of('x'.repeat(102_413)).pipe(toFile(at('f'), { name: 'rows' })));
    const failure = (await done.catch((e: unknown) => e)) as Error;
    expect(failure.cause).toMatchObject({
      name: 'FileWriteError',
      code: 'ENOSPC',
      stage: 'rows',
      path: at('f'),
      bytes: 24_446,
      message:
        `Stage "rows" could not write ${JSON.stringify(at('f'))}: ENOSPC: what the system says, write. ` +
        'The 24446 bytes written so far are removed, and what was there before is as it was. Make room and run it again.',
    });
    expect((failure.cause as Error).cause).toBe(error);
    expect(names()).toEqual(['f']);
    expect(read('f')).toBe('old');
  });

  test.each<[Step, ToFileOptions, string]>([
    ['lstat', {}, 'EACCES'],
    ['open', {}, 'EROFS'],
    ['open', {}, 'EMFILE'],
    ['write', {}, 'EIO'],
    ['sync', {}, 'EIO'],
    ['close', {}, 'EDQUOT'],
    ['rename', {}, 'EXDEV'],
    ['link', { overwrite: false }, 'EPERM'],
  ])('when "%s" does (%o, %s): once, with the file removed before the error is seen', async (step, options, code) => {
    const error = systemError(code, step);
    // Whatever it says, a file is closed after `close`.
    faults[step === 'close' ? 'after' : 'before'] = (name) => {
      if (name === step && faults.calls.filter((call) => call === step).length === 1) throw error;
    };
    const flow = new TestFlow();
    const probe = new Probe<WrittenFile>(flow);
    let left: string[] | undefined;
    const ended = new Promise<void>((resolve) => {
      probe.onEnd = () => {
        left = names();
        resolve();
      };
    });
    probe.subscribe(fromIterable(['a', 'b', 'c']).pipe(toFile(at('f'), { ...options, capacity: 1 })));
    await ended;
    expect(probe.error).toMatchObject({ name: 'FileWriteError', code, cause: error });
    expect(left).toEqual([]);
    expect(probe.isClosed).toBe(true);
    expect(flow.live.size).toBe(0);
    expect(flow.lateErrors).toEqual([]);
    flow.check();
    await Promise.all(flow.released);
    expect(openFiles()).toBe(0);
  });

  test('R-33 with an error that has no code, and with a value that is no error', async () => {
    for (const thrown of [new Error('odd'), 'odd', undefined, null]) {
      faults.before = (step) => {
        if (step === 'rename') throw thrown;
      };
      const failure = await lastValueFrom(of('a').pipe(toFile(at('f')))).catch((e: unknown) => e);
      expect(failure).toMatchObject({ name: 'FileWriteError', code: 'ERR_FILE_WRITE', cause: thrown });
      expect(names()).toEqual([]);
    }
  });

  test('R-32 and reports it as late if the source fails while the file is being removed', async () => {
    const removal = stopAt('before', 'unlink');
    const stop = faults.before;
    faults.before = (step) => {
      if (step === 'write') throw systemError('EIO', 'write');
      return stop(step);
    };
    const flow = new TestFlow();
    const items = new Subject<string>();
    const probe = new Probe<WrittenFile>(flow).subscribe(items.pipe(toFile(at('f'))));
    items.next('a');
    await removal.reached;
    items.error('source');
    expect(probe.error).toBe('source');
    removal.goOn();
    await Promise.all(flow.released);
    await vi.waitUntil(() => flow.lateErrors.length === 1, { interval: 2 });
    expect(flow.lateErrors[0]).toMatchObject({ error: { code: 'EIO' }, stage: 'toFile' });
    expect(names()).toEqual([]);
  });
});

describe('toFile', () => {
  test('goes on after short writes until everything is written', async () => {
    faults.most = 777;
    const items = Array.from({ length: 500 }, (_, i) => `${i} `.repeat(20));
    const written = await lastValueFrom(from(items).pipe(toFile(at('f'))));
    expect(read('f')).toBe(items.join(''));
    expect(written.bytes).toBe(items.join('').length);
    await lastValueFrom(from(items).pipe(toFile(at('f.gz'))));
    expect(gunzipSync(fs.readFileSync(at('f.gz'))).toString()).toBe(items.join(''));
  });

  test('writes what has come together meanwhile in one go, half the capacity at most', async () => {
    const { reached, goOn } = stopAt('before', 'write');
    const items = new Subject<string>();
    const done = lastValueFrom(items.pipe(toFile(at('f'), { capacity: 8 })));
    items.next('a');
    await reached;
    for (const item of 'bcdefgh') items.next(item);
    goOn();
    items.complete();
    await done;
    expect(read('f')).toBe('abcdefgh');
    expect(faults.calls.filter((call) => call === 'write')).toHaveLength(3);
  });

  test('writes a large item alone, and in several calls', async () => {
    const items = ['a', 'b'.repeat(300_000), 'c', new Uint8Array(20 * 2 ** 20).fill(100), 'e', 'f'];
    const source = fromIterable(items);
    await lastValueFrom(source.pipe(toFile(at('f'))));
    const expected = Buffer.concat(items.map((item) => Buffer.from(item as string)));
    expect(fs.readFileSync(at('f')).equals(expected)).toBe(true);
    // a, b..., c, d... in three, and the last two together.
    expect(faults.calls.filter((call) => call === 'write')).toHaveLength(7);
  });

  test('fails with what cannot even be encoded', async () => {
    const encode = vi.spyOn(Buffer, 'from').mockImplementationOnce(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    await expect(lastValueFrom(of('a').pipe(toFile(at('f'))))).rejects.toMatchObject({
      name: 'FileWriteError',
      cause: { name: 'RangeError' },
    });
    expect(encode).toHaveBeenCalledTimes(1);
    expect(names()).toEqual([]);
  });

  test('G1 lets its source go on in bursts, each time half the capacity is free', async () => {
    const { reached, goOn } = stopAt('before', 'write');
    let pulled = 0;
    const source = fromIterable(function* () {
      while (pulled < 40) yield String(pulled++ % 10);
    });
    const done = lastValueFrom(source.pipe(toFile(at('f'), { capacity: 8 })));
    await reached;
    // Four are being written, four wait, and nothing more is made for as long as that takes.
    await turn();
    expect(pulled).toBe(8);
    const seen: number[] = [];
    faults.after = (step) => {
      if (step === 'write') seen.push(pulled);
    };
    goOn();
    await done;
    expect(seen).toEqual([8, 12, 16, 20, 24, 28, 32, 36, 40, 40]);
    expect(read('f')).toBe('0123456789'.repeat(4));
  });

  test('has everything on the disk before it renames, unless told not to', async () => {
    await lastValueFrom(of('a').pipe(toFile(at('f'))));
    expect(faults.calls).toEqual(['lstat', 'open', 'write', 'sync', 'close', 'rename']);
    faults.calls = [];
    await lastValueFrom(of('a').pipe(toFile(at('f'), { sync: false })));
    expect(faults.calls).toEqual(['lstat', 'open', 'write', 'close', 'rename']);
    faults.calls = [];
    await lastValueFrom(of('a').pipe(toFile(at('g'), { sync: false, overwrite: false })));
    expect(faults.calls).toEqual(['lstat', 'open', 'write', 'close', 'link', 'unlink']);
  });
});
