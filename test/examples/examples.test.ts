import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { paint, type PaintedTile } from '../../examples/mandelbrot.task.ts';
import { primeCount } from '../../examples/primes/primeCount.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const names = readdirSync(new URL('../../examples', import.meta.url))
  .filter((file) => /^[^.]+[.]ts$/.test(file) && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length));

/** What makes an example long enough to be interrupted, or short enough for a test. */
const lasting: Partial<Record<string, string[]>> = {
  'million-jobs': ['20000000'],
  'timeout-quit': ['--forever'],
  primes: ['20_000_000'],
};

/** They are mostly done within the turn of the event loop in which they begin, too soon to be interrupted. */
const instant = new Set(['generator', 'squares', 'own-stage']);

interface Midst {
  readonly name: string;
  /** After how many milliseconds it is in the midst of it: its buffers are full, its threads at work. Default 300. */
  readonly after?: number;
  readonly args?: readonly string[];
  /** How it says that it was stopped, and that what it has done is right. */
  readonly says: RegExp;
}

/** Those that go on for long enough to be interrupted while they have much to do. */
const midst: readonly Midst[] = [
  { name: 'circuit-breaker', says: /^\d+ paid, \d+ failed, \d+ refused without a call$/m },
  { name: 'crawl', says: /^\d+ pages found, \d+ given out by the site, each once/m },
  { name: 'fan-out-fan-in', says: /^\d results in [\d.]+ s$/m },
  { name: 'game-rooms', says: /^order per room: ok$/m },
  { name: 'hedged', says: /^stopped: there is nothing to compare$/m },
  { name: 'images', says: /^stopped: no sheet was made$/m },
  { name: 'lookups', after: 30, says: /^stopped: SIGINT$/m },
  { name: 'mandelbrot', says: /^stopped after \d+ of \d+ tiles; nothing was written$/m },
  { name: 'million-jobs', args: ['20000000'], says: /^[\d,]+ results, sum [\d,]+, quit$/m },
  { name: 'overload', says: /^everything waits: \d+ answered, \d+ refused, .*\n$/ },
  { name: 'primes', says: /^stopped after [\d,]+ of 500,000,000 numbers: [\d,]+ primes$/m },
  { name: 'sensors', says: /^[\d,]+ readings of 6 sensors, quit$/m },
  { name: 'stocks', says: /^\d+ prices of 5 shares, in order, quit$/m },
];

/** Where `test/compile.ts` puts the examples. */
const compiled = 'out/programs';

/** Runs an example, compiled, and gives what it prints. */
async function example(name: string, ...args: string[]) {
  return ended(spawn(process.execPath, [`${compiled}/examples/${name}.js`, ...args], { cwd: root }));
}

/** Runs an example as a person does, which takes a second longer, and gives what it prints. */
async function exampleFromSource(name: string, ...args: string[]) {
  return ended(spawn(process.execPath, ['--import', 'tsx', 'examples/run.ts', name, ...args], { cwd: root }));
}

/** Runs an example and presses Ctrl-C as soon as that is heard. */
async function interrupted(name: string, ...args: string[]) {
  return ended(spawnInterrupted(name, args));
}

/** Runs an example and presses Ctrl-C so many milliseconds after that is heard. */
async function interruptedLater(after: number, name: string, ...args: readonly string[]) {
  return ended(spawnInterrupted(name, args, { CTRL_C_AFTER: String(after) }));
}

function spawnInterrupted(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const imports = ['--import', `./${compiled}/test/examples/pressCtrlC.js`];
  return spawn(process.execPath, [...imports, `${compiled}/examples/${name}.js`, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
}

/** A folder that is there while `body` runs. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-examples-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function ended(child: ChildProcessWithoutNullStreams) {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr, lines: stdout.trimEnd().split('\n') };
}

describe('the examples', () => {
  it('generator computes only the odd numbers that are wanted', async () => {
    const { code, lines } = await example('generator');
    expect({ code, lines }).toEqual({ code: 0, lines: ['1 3 5 7 9', 'computed: 1 3 5 7 9'] });
  });

  it('squares prints the even squares', async () => {
    const { code, lines } = await example('squares');
    expect({ code, lines }).toEqual({ code: 0, lines: ['4 16 36 64 100'] });
  });

  it('worker-pool runs five jobs of a second on three workers in about two seconds', async () => {
    const { code, lines, stdout } = await example('worker-pool');
    expect(code).toBe(0);
    expect(lines.slice(0, 5).toSorted()).toEqual(['job 1: 2', 'job 2: 4', 'job 3: 6', 'job 4: 8', 'job 5: 10']);
    const seconds = Number(/5 results in ([\d.]+) s/.exec(stdout)?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(2);
    expect(seconds).toBeLessThan(4);
  });

  it('pipeline keeps only even numbers above 10, and names its slowest stage', async () => {
    const { code, stdout } = await example('pipeline');
    expect(code).toBe(0);
    const kept = /^above 10: ?(.*)$/m.exec(stdout)![1]!.split(' ').filter(Boolean).map(Number);
    for (const n of kept) expect(n > 10 && n <= 38 && n % 2 === 0, String(n)).toBe(true);
    expect(stdout).toContain('bottleneck: "inspect"');
  });

  it('jobs-results goes on after a job that panics', async () => {
    const { code, lines } = await example('jobs-results');
    expect({ code, lines }).toEqual({ code: 0, lines: ['job 7 failed: job 7 panics', '19 ok, 1 error, pool still 5'] });
  });

  it('million-jobs never has more than a hundred in flight, and flat memory', async () => {
    const { code, lines } = await example('million-jobs');
    expect(code).toBe(0);
    expect(lines[0]).toBe('1,000,000 results, sum 4,500,000, completed');
    expect(lines[1]).toBe('peak in flight: 100');
    expect(Number(/heap growth: (\d+) MB/.exec(lines[2]!)![1])).toBeLessThanOrEqual(20);
  });

  it('multiplex answers whoever is ready, and lets no letter starve', async () => {
    const { code, lines } = await example('multiplex');
    expect(code).toBe(0);
    const answers = lines.slice(0, -1).filter((line) => line !== 'nobody for 100 ms');
    expect(answers.toSorted()).toEqual([
      'answered the call of Ann',
      'answered the call of Cid',
      'wrote back to Bob',
      'wrote back to Dee',
    ]);
    expect(lines).toContain('nobody for 100 ms');
    expect(lines.at(-1)).toMatch(/^urgent1 .*urgent6 ordinary1 urgent7 urgent8 urgent9 ordinary2 .*ordinary4$/);
  });

  it('hand-over gives all that is read, and reads no more than is taken', async () => {
    const { code, lines } = await example('hand-over');
    expect(code).toBe(0);
    const [, read] = /^for await: 10 airports from 00M on, (\d+) lines read$/.exec(lines[0]!)!;
    expect(Number(read)).toBeLessThan(100);
    expect(lines.slice(1)).toEqual([
      'Readable: 3376 airports through gzip and back, 3377 lines read',
      'Response: 3376 airports, 3377 lines read',
    ]);
  });

  it('sizing says how large a pool has to be, and tries it', async () => {
    const { code, lines } = await example('sizing');
    expect(code).toBe(0);
    expect(lines[0]).toBe('200 requests a second of 50 ms need 10 at once');
    const [, rate, inFlight] = /^tried: (\d+) a second, so ([\d.]+) were/.exec(lines[1]!)!.map(Number);
    expect(rate).toBeLessThanOrEqual(200);
    expect(inFlight).toBeLessThanOrEqual(10);
    expect(lines.at(-1)).toBe('workers that wait for each other: 13 get the most done, 513 a second');
  });

  it('own-source makes no more than the stage below it may hold', async () => {
    const { code, stdout } = await example('own-source');
    expect(code).toBe(0);
    const [, finished, made] = /finished (\d+), made (\d+)/.exec(stdout)!.map(Number);
    expect(finished).toBe(3);
    expect(made).toBeLessThanOrEqual(3 + 5);
  });

  it('own-stage sorts within its window', async () => {
    const { code, lines } = await example('own-stage');
    expect({ code, first: lines[0] }).toEqual({ code: 0, first: '1 2 3 4 5 6 7 8 9' });
  });

  it('timeout-quit is ended by its deadline', async () => {
    const { code, lines } = await example('timeout-quit');
    expect({ code, lines }).toEqual({ code: 0, lines: ['1', '3', '5', '7', 'ended by the deadline of 2 s'] });
  });

  it('timeout-quit is ended by silence', async () => {
    const { code, lines } = await example('timeout-quit', '--silence');
    expect({ code, lines }).toEqual({ code: 0, lines: ['1', '3', 'ended by 500 ms of silence'] });
  });

  it('timeout-quit is ended by Ctrl-C', async () => {
    const { code, lines } = await interrupted('timeout-quit', '--forever');
    expect(code).toBe(130);
    expect(lines.at(-1)).toBe('ended by Ctrl-C');
  });

  it('producer-consumer loses nothing, and fills the channel up to its capacity', async () => {
    const { code, lines } = await example('producer-consumer');
    expect({ code, lines }).toEqual({
      code: 0,
      lines: ['60 produced, 60 consumed, 0 left in the channel', 'peak: 10 of 10'],
    });
  });

  it('fan-out-fan-in runs ten jobs of half a second on three lanes in about two seconds', async () => {
    const { code, lines, stdout } = await exampleFromSource('fan-out-fan-in');
    expect(code).toBe(0);
    const results = lines.slice(0, -1).map((line) => /^job (\d+): (\d+) [(](\w+), (.+)[)]$/.exec(line)!);
    expect(results.map(([, job, result]) => Number(job) ** 2 === Number(result))).toEqual(Array(10).fill(true));
    expect(new Set(results.map(([, , , lane, where]) => `${lane} ${where}`))).toEqual(
      new Set(['red here', 'green on a thread', 'blue here']),
    );
    const seconds = Number(/10 results in ([\d.]+) s/.exec(stdout)?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(2);
    expect(seconds).toBeLessThan(4);
  });

  it('primes counts those below a million, which another way of counting confirms', async () => {
    const { code, lines } = await example('primes', '1_000_000');
    expect(code).toBe(0);
    expect(lines[0]).toBe('78,498 primes below 1,000,000, the largest 999,983');
    expect(lines[1]).toMatch(/^[\d.]+ s on \d+ threads?$/);
    expect(lines[2]).toBe('counted another way: 78,498, the same');
  });

  it('primes counts across the edges of its ranges, and those of the numbers', async () => {
    const found = await Promise.all(['3000000', '3', '2'].map((below) => example('primes', below)));
    expect(found.map(({ lines }) => lines[0])).toEqual([
      '216,816 primes below 3,000,000, the largest 2,999,999',
      '1 primes below 3, the largest 2',
      '0 primes below 2, the largest 0',
    ]);
    expect(found.map(({ code }) => code)).toEqual([0, 0, 0]);
    // The count that it is compared with, against a list.
    expect([1, 2, 3, 4, 10, 100, 10_000].map((n) => primeCount(n))).toEqual([0, 1, 2, 2, 4, 25, 1229]);
  });

  it('mandelbrot puts the tiles together to the picture that one tile as large would be, with the set in black', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'new', 'set.png');
      const { code, stdout } = await example('mandelbrot', '--size', '250x141', '--out', file);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^6 tiles in [\d.]+ s on \d+ threads?, at work \d+ % of the time$/m);
      expect(stdout).toMatch(/^100 %$/m);
      const { width, height, data, channels } = decode(readFileSync(file));
      expect({ width, height, channels }).toEqual({ width: 250, height: 141, channels: 3 });
      // What one tile as large as the picture shows, painted here.
      const tile = { left: 0, top: 0, width, height, pictureWidth: width, pictureHeight: height };
      const { pixels } = paint.fn(tile, undefined as never) as PaintedTile;
      expect(Buffer.compare(data as Uint8Array, pixels)).toBe(0);
      const black = Array.from({ length: width * height }, (_, i) => pixels.subarray(i * 3, i * 3 + 3)).filter(
        (pixel) => pixel.every((channel) => channel === 0),
      );
      // The set has an area of 1.507; a pixel here is one of (2.5 / 141)².
      expect((black.length * (2.5 / 141) ** 2) / 1.507).toBeCloseTo(1, 1);
    });
  });

  it('semaphore never has more than four at work, over two flows', async () => {
    const { code, lines } = await example('semaphore');
    expect({ code, lines }).toEqual({
      code: 0,
      lines: ['20 items done, 4 permits left, 0 waiting', 'peak: 4 of 4'],
    });
  });

  it('quorum writes to two of three, and says why it cannot', async () => {
    const { code, lines } = await example('quorum');
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [
        'record 1: 2 of 3 (Amsterdam, Cardiff); Bergen is dead',
        'record 2: no quorum, 2 were needed; Bergen is dead, Amsterdam is dead',
        'best effort: Cardiff; Amsterdam is dead, Bergen is dead',
        'all or nothing: Bergen is dead',
      ],
    });
  });

  it('hedged makes the 99th percentile a fraction, for some requests more, and draws both', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'new', 'hedged.html');
      const { code, stdout } = await example('hedged', '--out', file);
      expect(code).toBe(0);
      const [, times, more] = /p99 is ([\d.]+) times as fast, for ([\d.]+) % more/.exec(stdout)!.map(Number);
      expect(times).toBeGreaterThan(1.5);
      expect(more).toBeLessThan(12);
      expect(stdout).toContain(`${file} shows both\n`);
      const curves = [...readFileSync(file, 'utf8').matchAll(/<polyline points="([^"]+)"/g)];
      // A point for each request.
      expect(curves.map(([, points]) => points!.split(' ').length)).toEqual([600, 600]);
    });
  });

  it('circuit-breaker opens, probes and closes again, refuses in microseconds, and draws it', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'new', 'timeline.html');
      const { code, stdout } = await example('circuit-breaker', '--out', file);
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /closed → open \(failureRate\)[^]*open → half-open \(openFor\)[^]*half-open → closed \(successesToClose\)/,
      );
      const payments = /^(\d+) paid, (\d+) failed, ([1-9]\d*) refused without a call$/m.exec(stdout)!.slice(1);
      const [, took] = /a refusal took [\d.]+ µs, .* and ([\d.]+) µs in a loop/.exec(stdout)!;
      expect(Number(took)).toBeLessThan(100);
      expect(stdout).toContain(`${file} shows it over time\n`);
      const page = readFileSync(file, 'utf8');
      // A band for each state that it was in, and a dot for each payment.
      const bands = [...page.matchAll(/<rect [^>]*><title>([a-z-]+)<\/title>/g)].map(([, state]) => state);
      expect(bands).toEqual(['closed', ...[...stdout.matchAll(/ → ([a-z-]+) [(]/g)].map(([, state]) => state)]);
      expect(page.match(/<circle /g)?.length).toBe(payments.reduce((sum, count) => sum + Number(count), 0));
    });
  });

  it('game-rooms keeps the order per room, drops only what the noisy client has too much, and knows it all again', async () => {
    const { code, stdout, lines } = await example('game-rooms');
    expect(code).toBe(0);
    expect(lines[0]).toBe('order per room: ok');
    const [, played, dropped, noisy] = /^(\d+) moves played, (\d+) dropped, (\d+) of them/m.exec(stdout)!.map(Number);
    expect([played! > 0, dropped! > 0, dropped === noisy]).toEqual([true, true, true]);
    // 60 Hz, or what a machine that is busy makes of it.
    const ticks = [...stdout.matchAll(/^ {2}(?:red|green|blue): \d+ ticks, (\d+) a second/gm)].map(([, n]) =>
      Number(n),
    );
    expect(ticks.length).toBe(3);
    expect(Math.min(...ticks)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...ticks)).toBeLessThanOrEqual(72);
    expect(Number(/^saved (\d+) times before the end$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(2);
    expect(stdout).toMatch(/^all \d+ moves accounted for: yes$/m);
    expect(lines.at(-1)).toBe('restored state equal: yes');
  });

  describe('sensors', () => {
    const lines = [
      '1,200 readings of 2 sensors, completed',
      'faults: 10 planted, 10 found, 10 of them right',
      'at most 32 of 32 readings waited here; the broker was held back: yes',
    ];

    it('finds every fault that was planted, and holds the broker back', async () => {
      expect(await example('sensors', '--sensors', '2')).toMatchObject({ code: 0, lines });
    });

    it('does the same with a broker elsewhere', async () => {
      const broker = await Aedes.createBroker();
      let sent = 0;
      broker.on('publish', ({ topic }) => (sent += topic.startsWith('sluice-example/') ? 1 : 0));
      const server = createServer((socket) => void broker.handle(socket)).listen(0, '127.0.0.1');
      try {
        await once(server, 'listening');
        const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
        // How far it runs ahead of what is drained is up to the machine.
        const elsewhere = [...lines.slice(0, 2), expect.stringMatching(/^at most \d+ of 32 readings waited here; /)];
        expect(await example('sensors', '--sensors', '2', '--url', url)).toMatchObject({ code: 0, lines: elsewhere });
        expect(sent).toBe(1_200);
      } finally {
        await new Promise<void>((resolve) => broker.close(resolve));
        server.close();
      }
    });
  });

  it('crawl finds every page that the site gives out, once', async () => {
    // So few that it takes two seconds, and without the limit about half of one.
    const rate = 30;
    const { code, stdout, lines } = await example('crawl', '--pages', '120', '--rate', String(rate));
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^120 pages found, 120 given out by the site, each once: dog, /);
    expect(lines[1]).toBe('12 requests were tried again');
    expect(stdout).toContain('not read: /word/00000000: the server answers 404\n');
    expect(stdout).toContain('not read: /loop/b: it leads back to /loop/a\n');
    const hosts = [...stdout.matchAll(/^[\d.]+:\d+: (\d+) requests in ([\d.]+) s/gm)].map(([, ...figures]) =>
      figures.map(Number),
    );
    expect(hosts.length).toBe(2);
    // Besides the pages: five that have moved, what was tried again, the link to nowhere and the two that lead to each other.
    expect(hosts.reduce((sum, [count]) => sum + count!, 0)).toBe(120 + 5 + 12 + 1 + 2);
    for (const [count, seconds] of hosts) expect(count).toBeLessThanOrEqual(10 + rate * (seconds! + 0.05) + 6);
  });

  it('images makes real pictures: ten downloads, five on threads, one upload at once', async () => {
    await withFolder(async (folder) => {
      const { code, stdout, lines } = await example('images', '--count', '60', '--out', folder);
      expect(code).toBe(0);
      expect(lines[0]).toBe('60 of 62 pictures; at most at once: download 10, resize 5, upload 1');
      expect(stdout).toMatch(/^left out: zz-gone: download: the server answers 404$/m);
      expect(stdout).toMatch(/^left out: zz-broken: resize: .*unsupported image format/m);
      expect(stdout).toMatch(/^bottleneck: "(?:upload|resize)": it was at work /m);
      const small = readdirSync(join(folder, 'small'));
      expect(small.length).toBe(60);
      for (const file of small) {
        const { width, height } = decode(readFileSync(join(folder, 'small', file)));
        expect({ width, height }).toEqual({ width: 96, height: 64 });
      }
      expect(decode(readFileSync(join(folder, 'contact-sheet.png'))).width).toBeGreaterThan(1_000);
    });
  });

  it('stocks has every price in order, draws the newest, and gives the others later', async () => {
    const { code, lines } = await example('stocks');
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [
        '560 prices of 5 shares, in order, completed',
        'drawn: fewer than all, and the last was the newest, 2010-03: yes',
        'the other reader had 560, each 100 ms later or more: yes',
      ],
    });
  });

  it('lookups asks each question once, withdraws what nobody waits for, and ends a group together', async () => {
    const { code, lines } = await example('lookups');
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [
        '400 questions: asked 8 times over 1 connection, sum 2500',
        'nobody waits any more (too slow): 1 question withdrawn',
        'a group of 4: "there is no such town", and 4 of 4 have ended',
      ],
    });
  });

  it('overload answers in time where it refuses early, and finds about what the service can do', async () => {
    const { code, stdout } = await example('overload');
    expect(code).toBe(0);
    const served = [...stdout.matchAll(/: (\d+) answered, (\d+) refused, 95 % of the answers within (\d+) ms/g)];
    const [[all, none, slow], [some, refused, quick]] = served.map(([, ...figures]) => figures.map(Number)) as [
      number[],
      number[],
    ];
    expect([all, none, some! + refused!]).toEqual([1_200, 0, 1_200]);
    expect(refused).toBeGreaterThan(300);
    expect(quick! * 3).toBeLessThan(slow!);
    for (const [, limit] of stdout.matchAll(/at most (\d+) requests at once/g)) {
      expect(Number(limit)).toBeGreaterThanOrEqual(4);
      expect(Number(limit)).toBeLessThan(40);
    }
  });

  it('feed fetches the pages that are wanted, and asks for what is new', async () => {
    const { code, lines } = await example('feed');
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [
        'new: 0.54, 11km NE of Aguanga, CA',
        'new: 1.6, 2km E of San Marino, CA',
        'new: 2, 4km W of Castaic, CA',
        'strongest of the newest 250: 6.4, 22km NNE of Hualian, Taiwan; 3 pages of 18',
        '3 new ones, for which the server was asked 9 times',
      ],
    });
  });

  it('when-not-to says of each kind of work which way won, as its own figures have it', async () => {
    const { code, stdout } = await example('when-not-to', '--items', '20000');
    expect(code).toBe(0);
    const parts = stdout.split('\n\n').slice(0, 3);
    expect(parts.map((part) => /^(.+), ([\d,]+) items$/m.exec(part)!.slice(1))).toEqual([
      ['add one: some nanoseconds', '20,000'],
      ['shuffle bits: some microseconds', '2,000'],
      ['grind: about a millisecond', '40'],
    ]);
    const said = parts.map((part) => {
      const [here, threads] = [...part.matchAll(/^ {2}(?:here|on \d+ threads?) .* ([\d,.]+) ms$/gm)].map(([, ms]) =>
        Number(ms!.replaceAll(',', '')),
      );
      expect(part).toMatch(/^ {2}inline: 'auto' +[█▏]/m);
      // It goes by more digits than it prints.
      if (here !== threads) expect(part).toContain(here! > threads! ? 'threads win' : 'threads lose');
      return part.includes('threads win');
    });
    // A millisecond wins where there are cores to spare, which a test cannot know.
    expect(said[0]).toBe(false);
    expect(stdout).toContain("inline: 'auto' }) measures");
  });

  it('says in a line what is wrong with the arguments of those that take any', async () => {
    const wrong = await Promise.all([
      example('primes', 'many'),
      example('mandelbrot', '--size', '0x5'),
      example('when-not-to', '--items', '5'),
      example('million-jobs', 'abc'),
      example('sensors', '--sensors', '51'),
      example('sensors', '--url', 'mqtt://127.0.0.1:1'),
    ]);
    expect(wrong.map(({ code, stderr }) => ({ code, lines: stderr.trimEnd().split('\n').length }))).toEqual(
      wrong.map(() => ({ code: 1, lines: 1 })),
    );
  });

  // The flagship has a test of its own, in flights/.
  it.concurrent.each(names.filter((name) => name !== 'flights' && !instant.has(name)))(
    '%s ends well on Ctrl-C at its very beginning',
    async (name) => {
      const { code, stderr } = await interrupted(name, ...(lasting[name] ?? []));
      expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    },
  );

  it.concurrent.each([...instant])('%s is done before Ctrl-C is heard, or ends well on it', async (name) => {
    const { code, stderr } = await interrupted(name);
    expect(stderr).toBe('');
    expect([0, 130]).toContain(code);
  });

  it.concurrent.each(midst.map((one) => [one.name, one] as const))(
    '%s ends well on Ctrl-C in the midst of it',
    async (name, { after = 300, args = [], says }) => {
      const { code, stderr, stdout } = await interruptedLater(after, name, ...args);
      expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
      expect(stdout).toMatch(says);
    },
  );

  it.concurrent('producer-consumer loses nothing when Ctrl-C comes while the channel is full', async () => {
    const { code, stderr, lines } = await interruptedLater(100, 'producer-consumer');
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    const [, produced, consumed, left] = /^(\d+) produced, (\d+) consumed, (\d+) left/.exec(lines[0]!)!.map(Number);
    expect(left).toBe(10);
    expect(produced).toBe(consumed! + left!);
  });
});

describe('examples/run.ts', () => {
  it('lists the examples with what each shows', async () => {
    const { code, stdout } = await ended(
      spawn(process.execPath, ['--import', 'tsx', 'examples/run.ts'], { cwd: root }),
    );
    expect(code).toBe(0);
    expect(stdout).toContain('Five jobs of a second each on a pool of three workers.');
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
  });

  it('says in a line what is wrong with an argument', async () => {
    const { code, stderr } = await exampleFromSource('timeout-quit', '--nonsense');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Unknown option '--nonsense'/);
    expect(stderr).not.toContain('    at ');
  });

  it('is what npm start begins with, so that it says in a line what is wrong, too', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
    expect(scripts.start).toBe('node --import tsx examples/run.ts flights');
  });

  it('names the nearest example for one that does not exist', async () => {
    const { code, stderr } = await exampleFromSource('genrator');
    expect(code).toBe(1);
    expect(stderr).toContain('Did you mean "generator"?');
  });
});
