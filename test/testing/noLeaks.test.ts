import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { lastValueFrom, take, timer } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { lines } from '../../src/sources/lines.ts';
import { LeakError } from '../../src/testing/leaks/LeakError.ts';
import { noLeaks, type LeakWatch, type NoLeaksOptions } from '../../src/testing/noLeaks.ts';

/** Makes something, and gives what releases it. */
type Make = (watch: LeakWatch) => Release | Promise<Release>;
type Release = () => unknown;

const controller = new AbortController();
const emitter = new EventEmitter();
let directory = '';
const kept = new Set<object>();
const idle = (): void => {};
const counts = (): unknown[] => process.eventNames().map((event) => [event, process.listenerCount(event)]);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'no-leaks-'));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  setFlagsFromString('--expose-gc');
  vi.stubGlobal('gc', runInNewContext('gc'));
});

afterAll(async () => {
  vi.unstubAllGlobals();
  await rm(directory, { recursive: true });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** What is left, what the failure calls it, and whether it knows where that was made. */
const LEAKS: readonly [name: string, what: RegExp, place: 'here' | 'unknown', make: Make][] = [
  [
    'a timer',
    /^Timeout$/,
    'here',
    () => {
      const timeout = setTimeout(() => {}, 1e6);
      return () => clearTimeout(timeout);
    },
  ],
  [
    'a timer that does not keep the process alive',
    /^Timeout$/,
    'here',
    () => {
      const timeout = setTimeout(() => {}, 1e6).unref();
      return () => clearTimeout(timeout);
    },
  ],
  [
    'an interval',
    /^Timeout$/,
    'here',
    () => {
      const interval = setInterval(() => {}, 5);
      return () => clearInterval(interval);
    },
  ],
  [
    'a timer of RxJS',
    /^Timeout$/,
    'here',
    () => {
      const subscription = timer(1e6).subscribe();
      return () => subscription.unsubscribe();
    },
  ],
  [
    'a loop of immediates',
    /^Immediate$/,
    'here',
    () => {
      let immediate = setImmediate(function again() {
        immediate = setImmediate(again);
      });
      return () => clearImmediate(immediate);
    },
  ],
  [
    'a TCP server',
    /^TCPSERVERWRAP$/,
    'here',
    async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return () => {
        server.close();
        return once(server, 'close');
      };
    },
  ],
  [
    'a socket that a server took in',
    /^TCPWRAP$/,
    'here',
    async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
      const [socket] = (await once(server, 'connection')) as [net.Socket];
      return async () => {
        client.destroy();
        socket.destroy();
        server.close();
        await once(server, 'close');
      };
    },
  ],
  [
    'a signal listener',
    /^listener for 'SIGUSR2' of process: idle$/,
    'here',
    () => {
      process.on('SIGUSR2', idle);
      return () => process.off('SIGUSR2', idle);
    },
  ],
  [
    'the handle of a signal',
    /^SIGNALWRAP$/,
    'here',
    () => {
      process.once('SIGUSR2', idle);
      return () => process.off('SIGUSR2', idle);
    },
  ],
  [
    'a listener for the end of the process',
    /^listener for 'exit' of process: \(\) ?=> ?(\{\}|void 0)$/,
    'here',
    () => {
      const listeners = [() => {}, () => {}];
      for (const listener of listeners) process.once('exit', listener);
      return () => listeners.forEach((listener) => process.off('exit', listener));
    },
  ],
  [
    'a listener of a signal to abort',
    /^listener for 'abort' of a signal: idle$/,
    'here',
    (watch) => {
      const signal = watch.signal(controller.signal);
      signal.addEventListener('abort', idle, { once: true });
      return () => signal.removeEventListener('abort', idle);
    },
  ],
  [
    'an open file',
    /^open file \d+: .*\bnoLeaks\.test\.ts$/,
    'unknown',
    () => {
      const fd = fs.openSync(import.meta.filename, 'r');
      return () => fs.closeSync(fd);
    },
  ],
  [
    'an open file of a promise',
    /^open file \d+: .*\bnoLeaks\.test\.ts$/,
    'unknown',
    async () => {
      const handle = await open(import.meta.filename);
      return () => handle.close();
    },
  ],
  [
    'a worker',
    /^WORKER$/,
    'here',
    async () => {
      const worker = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true });
      await once(worker, 'online');
      return () => worker.terminate();
    },
  ],
  [
    'a port',
    /^MESSAGEPORT$/,
    'here',
    () => {
      const { port1 } = new MessageChannel();
      return () => port1.close();
    },
  ],
  [
    'a child process',
    /^PROCESSWRAP$/,
    'here',
    () => {
      const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1e6)'], { stdio: 'ignore' });
      return () => {
        child.kill('SIGKILL');
        return once(child, 'close');
      };
    },
  ],
  [
    'a call of the file system that does not end',
    /^FSREQPROMISE$/,
    'here',
    () => {
      // A pipe that is read waits for one who writes.
      const reading = open(join(directory, 'pipe'), 'r');
      return async () => {
        const writer = await open(join(directory, 'pipe'), 'w');
        await (await reading).close();
        await writer.close();
      };
    },
  ],
  [
    'a watched directory',
    /^FSEVENTWRAP$/,
    'here',
    () => {
      const watcher = fs.watch(directory);
      return () => {
        watcher.close();
        return once(watcher, 'close');
      };
    },
  ],
  [
    'a file on disk',
    /^.*no-leaks-.*temporary on disk$/,
    'unknown',
    async (watch) => {
      watch.directory(directory);
      await writeFile(join(directory, 'temporary'), '');
      return () => rm(join(directory, 'temporary'));
    },
  ],
  [
    'an object that is kept',
    /^the item, which is still reachable; it was watched$/,
    'here',
    (watch) => {
      kept.add(watch.collected({ some: 'item' }, 'the item'));
      return () => kept.clear();
    },
  ],
];

/** What `noLeaks` says is left of `make`. Releases it then. */
async function leftOf(make: Make, options?: NoLeaksOptions): Promise<LeakError> {
  let release: Release = idle;
  try {
    await noLeaks(async (watch) => {
      release = await make(watch);
    }, options);
  } catch (error) {
    expect(error).toBeInstanceOf(LeakError);
    return error as LeakError;
  } finally {
    await release();
  }
  throw new Error('Nothing was left');
}

describe('noLeaks', () => {
  test.each(LEAKS)(
    'R-55: catches %s, says where it was made, and passes when it is released',
    async (_, what, place, make) => {
      const { leaks, message, code } = await leftOf(make);
      const leak = leaks.find((it) => what.test(it.what));
      expect(leak, message).toBeDefined();
      // The innermost call outside Node.js and packages is that of this file.
      const call = leak!.stack.split('\n').find((line) => !line.includes('node_modules'));
      if (place === 'here') expect(call).toContain('noLeaks.test.ts');
      else expect(leak!.stack).toBe('');
      expect([code, message]).toEqual(['ERR_LEAK', expect.stringContaining(leak!.what)]);

      await noLeaks(async (watch) => {
        const release = await make(watch);
        await release();
      });
    },
  );

  test('passes when all of them are released together', async () => {
    await noLeaks(async (watch) => {
      const releases = [];
      for (const [, , , make] of LEAKS) releases.push(await make(watch));
      for (const release of releases) await release();
    });
  });

  test('a warning of too many listeners is a leak', async () => {
    const warn = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const { leaks } = await leftOf(async () => {
      for (let i = 0; i < 11; i++) emitter.on('change', () => {});
      await once(process, 'warning');
      return () => emitter.removeAllListeners();
    });
    expect(leaks).toEqual([
      { what: expect.stringContaining('11 change listeners added'), stack: expect.stringContaining('noLeaks.test.ts') },
    ]);
    warn.mockRestore();
  });

  test('a warning counts that Node.js gives only after the body has ended', async () => {
    const warn = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const other = new EventEmitter();
    const { leaks } = await leftOf(() => {
      for (let i = 0; i < 11; i++) other.on('change', () => {});
      return idle;
    });
    expect(leaks).toEqual([
      { what: expect.stringContaining('11 change listeners added'), stack: expect.stringContaining('noLeaks.test.ts') },
    ]);
    warn.mockRestore();
  });

  test('a listener is counted each time it is added, and one that was there before is not', async () => {
    process.on('exit', idle);
    try {
      const { leaks } = await leftOf(() => {
        process.on('exit', idle);
        return () => process.off('exit', idle);
      });
      expect(leaks.map(({ what }) => what)).toEqual(["listener for 'exit' of process: idle"]);
      // One less is no leak.
      await noLeaks(() => process.off('exit', idle));
    } finally {
      process.off('exit', idle);
    }
  });

  test('what a test had before is not its leak, also if it is released meanwhile', async () => {
    const releases: Release[] = [];
    for (const [, , , make] of LEAKS) {
      const watch: LeakWatch = { signal: (signal) => signal, collected: (object) => object, directory: () => {} };
      releases.push(await make(watch));
    }
    await noLeaks(() => {});
    await noLeaks(async () => {
      for (const release of releases) await release();
    });
  });

  test('a file that is renamed or removed while it is open is the same file', async () => {
    const path = join(directory, 'renamed');
    const fd = fs.openSync(path, 'w');
    await noLeaks(() => fs.renameSync(path, `${path}2`));
    await noLeaks(() => fs.unlinkSync(`${path}2`));
    fs.closeSync(fd);
  });

  test('gives what needs a moment its time', async () => {
    let done = false;
    await noLeaks(() => void setTimeout(() => (done = true), 50));
    expect(done).toBe(true);
  });

  test('what Node.js keeps for a second after a request does not count', async () => {
    await noLeaks(async () => {
      const server = http.createServer((_, response) => response.end('answer')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const [response] = (await once(http.get({ port, agent: false }), 'response')) as [http.IncomingMessage];
      response.resume();
      await once(response, 'close');
      expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('answer');
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
  });

  test('what the runner does for itself meanwhile does not count, and what it passes on does', async () => {
    await noLeaks(async () => {
      let n = 0;
      await vi.waitFor(() => expect(n++).toBe(3), { interval: 1 });
      await expect.poll(() => n++, { interval: 1 }).toBe(7);
      // A wait that takes longer than the body, and that nothing here can end.
      void vi.waitFor(() => expect(n).toBe(0), { timeout: 2000, interval: 2000 }).catch(() => {});
      await import('../operators/badOptions.ts');
    });
    vi.spyOn(globalThis, 'setTimeout');
    const { leaks } = await leftOf(() => {
      const timeout = setTimeout(() => {}, 1e6);
      return () => clearTimeout(timeout);
    });
    expect(leaks.map(({ what }) => what)).toEqual(['Timeout']);
  });

  test('works while timers are faked', async () => {
    vi.useFakeTimers();
    try {
      const { leaks } = await leftOf(() => {
        process.on('exit', vi.fn());
        return () => process.off('exit', process.listeners('exit').at(-1)!);
      });
      expect(leaks.length).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test('passes for flows that end, and for those that are given up', async () => {
    await noLeaks(async (watch) => {
      const source = watch.collected(fromIterable([1, 2, 3]), 'the source');
      expect(await lastValueFrom(source)).toBe(3);
      await lastValueFrom(lines(import.meta.filename).pipe(take(3)));
      timer(0, 1e6).subscribe().unsubscribe();
    });
  });

  test('gives what the body gives, or throws what it throws, and then looks for nothing', async () => {
    expect(await noLeaks(() => 5)).toBe(5);
    expect(await noLeaks(async () => 'five')).toBe('five');
    const error = new Error('body');
    let timeout: NodeJS.Timeout | undefined;
    const body = async (): Promise<void> => {
      timeout = setTimeout(() => {}, 1e6);
      throw error;
    };
    await expect(noLeaks(body)).rejects.toBe(error);
    clearTimeout(timeout);
    const thrown = (): never => {
      throw error;
    };
    await expect(noLeaks(thrown)).rejects.toBe(error);
  });

  test('leaves nothing behind itself: no hook, no listener, no change of a signal', async () => {
    const before = counts();
    const { stackTraceLimit } = Error;
    const { signal } = new AbortController();
    const fails = async (watch: LeakWatch): Promise<never> => {
      watch.signal(signal);
      throw new Error('body');
    };
    await noLeaks((outer) => {
      outer.signal(signal);
      return noLeaks((inner) => inner.signal(signal));
    });
    await expect(noLeaks(fails)).rejects.toThrow('body');
    await leftOf((watch) => {
      watch.signal(signal).addEventListener('abort', counts);
      return () => signal.removeEventListener('abort', counts);
    });
    expect(counts()).toEqual(before);
    expect([Object.getOwnPropertyNames(signal), Error.stackTraceLimit]).toEqual([[], stackTraceLimit]);
    const captured = vi.spyOn(Error, 'captureStackTrace');
    clearTimeout(setTimeout(() => {}, 1e6));
    expect(captured).not.toHaveBeenCalled();
  });

  test('a signal that cannot be changed is watched all the same', async () => {
    const { signal } = new AbortController();
    Object.preventExtensions(signal);
    const { leaks } = await leftOf((watch) => {
      watch.signal(signal).addEventListener('abort', idle);
      return () => signal.removeEventListener('abort', idle);
    });
    expect(leaks).toEqual([{ what: "listener for 'abort' of a signal: idle", stack: '' }]);
  });

  test('ignore leaves out what matches, by its name or its place, and nothing else', async () => {
    const make: Make = () => {
      const timeout = setTimeout(() => {}, 1e6);
      process.on('exit', idle);
      return () => {
        clearTimeout(timeout);
        process.off('exit', idle);
      };
    };
    const { leaks } = await leftOf(make, { ignore: [/^Timeout$/g, /elsewhere/] });
    expect(leaks.map(({ what }) => what)).toEqual(["listener for 'exit' of process: idle"]);
    let release: Release = idle;
    await noLeaks(
      async (watch) => {
        release = await make(watch);
      },
      { ignore: [/noLeaks\.test\.ts/] },
    );
    await release();
  });

  test('what one call has made is one entry, and a long list is cut', async () => {
    const { message, leaks } = await leftOf(() => {
      const same = Array.from({ length: 50 }, () => setTimeout(() => {}, 1e6));
      const fds = Array.from({ length: 30 }, () => fs.openSync(import.meta.filename, 'r'));
      return () => {
        for (const timeout of same) clearTimeout(timeout);
        for (const fd of fds) fs.closeSync(fd);
      };
    });
    expect(leaks.length).toBe(80);
    expect(message).toMatch(/^noLeaks\(\): 80 things are left\n1\. Timeout, Timeout, /);
    expect(message).toMatch(/\n20\. open file .*\nand 11 more$/);
  });

  test('says so if objects are to be watched and there is no gc', async () => {
    vi.stubGlobal('gc', undefined);
    await expect(noLeaks((watch) => watch.collected({}))).rejects.toThrow(
      'noLeaks(): to see whether an object is collected, start Node.js with --expose-gc',
    );
    vi.stubGlobal('gc', runInNewContext('gc'));
  });

  test.each([
    ['body', () => noLeaks(null as never)],
    ['body', () => noLeaks({} as never)],
    ['options', () => noLeaks(() => {}, null as never)],
    ['options', () => noLeaks(() => {}, { ignored: [] } as never)],
    ['ignore', () => noLeaks(() => {}, { ignore: /x/ as never })],
    ['ignore', () => noLeaks(() => {}, { ignore: ['x'] as never })],
    ['ignore', () => noLeaks(() => {}, { ignore: null as never })],
  ])('refuses a bad %s at the call', (option, call) => {
    expect(call).toThrow(expect.objectContaining({ name: 'TypeError', option }));
  });

  test.each([
    ['signal', () => noLeaks((watch) => watch.signal({} as never))],
    ['object', () => noLeaks((watch) => watch.collected(5 as never))],
    ['object', () => noLeaks((watch) => watch.collected(null as never))],
    ['path', () => noLeaks((watch) => watch.directory(5 as never))],
  ])('refuses to watch a bad %s', async (option, call) => {
    await expect(call()).rejects.toThrow(expect.objectContaining({ name: 'TypeError', option }));
  });

  test('infers its types', () => {
    expectTypeOf(noLeaks(() => 5)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(noLeaks(async () => 'a')).toEqualTypeOf<Promise<string>>();
    expectTypeOf<LeakWatch['directory']>().parameter(0).toEqualTypeOf<string>();
    expectTypeOf(noLeaks<void>)
      .parameter(0)
      .toExtend<typeof typed>();
  });
});

function typed(watch: LeakWatch): void {
  expectTypeOf(watch.collected(new Map<string, number>())).toEqualTypeOf<Map<string, number>>();
  // @ts-expect-error a number is no object
  watch.collected(5);
}
