import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { showProgress } from '../../src/observe/progress/showProgress.ts';
import { FakeFlow, stage } from './progress/FakeFlow.ts';
import { FakeTerminal, pipe } from './progress/FakeTerminal.ts';
import { Screen } from './progress/Screen.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bar = (done: number): string => '='.repeat(done) + '-'.repeat(25 - done);
const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

/** A source that knows how much there will be, a stage below it that does everything, and one that leaves some out. */
function flights(): FakeFlow {
  return new FakeFlow('flights', [
    stage('lines', { kind: 'source', to: ['parse'], total: 1000 }),
    stage('parse', { to: ['store'] }),
    stage('store'),
  ]);
}

function advance(flow: FakeFlow, items: number): void {
  flow.set('lines', { out: items });
  flow.set('parse', { in: items, out: items - 10, held: 10 });
  flow.set('store', { in: items - 20, held: 2 });
  flow.results = items - 22;
}

describe('in a terminal', () => {
  it('draws a bar where the total is known, and rates and held counts where it is not', () => {
    const terminal = new FakeTerminal(100);
    const flow = flights();
    showProgress(flow, terminal);
    pass(500);
    advance(flow, 250);
    pass(500);
    expect(terminal.screen.text).toEqual([
      'flights  0:01, 228 results',
      `  lines  [${bar(6)}]  25%  250/1,000  250/s  ETA 0:03  busy 0%`,
      `  parse  [${bar(6)}]  24%  240/1,000  240/s  ETA 0:04  10 held  busy 0%`,
      '  store  228  228/s  2 held  busy 0%',
    ]);
  });

  it('reckons rates and shares over the last seconds, not since the beginning', () => {
    const terminal = new FakeTerminal();
    const flow = new FakeFlow('flow', [stage('work', { in: 0 })]);
    showProgress(flow, terminal);
    flow.set('work', { in: 6000, busy: 5000, heldBack: 1000 });
    pass(10_000);
    expect(terminal.screen.text[1]).toBe('  work  6,000  0/s  0 held  busy 0%');
    for (let i = 1; i <= 40; i++) {
      flow.set('work', { in: 6000 + i * 4, busy: 5000 + i * 50, heldBack: 1000 + i * 20 });
      pass(100);
    }
    expect(terminal.screen.text[1]).toBe('  work  6,160  40/s  0 held  busy 50%  held back 20%');
    flow.end();
    expect(terminal.screen.text[1], 'over the whole time in the end').toBe(
      '  work  6,160  440/s  0 held  busy 50%  held back 13%',
    );
  });

  it('looks and draws at most ten times a second', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    const looks = flow.looks;
    pass(3000);
    expect(flow.looks - looks).toBe(30);
    expect(terminal.writes).toHaveLength(30);
  });

  it.each(['completed', 'quit', 'aborted', 'failed'] as const)(
    'leaves the last state on the screen of a flow that has ended: %s',
    (ended) => {
      const terminal = new FakeTerminal();
      const flow = flights();
      showProgress(flow, terminal);
      pass(1000);
      advance(flow, 500);
      flow.end(ended);
      const [first, lines] = terminal.screen.text;
      expect(first).toContain(
        { completed: 'completed', quit: 'told to quit', aborted: 'aborted', failed: 'failed' }[ended],
      );
      expect(lines).toContain('500/1,000');
      expect(terminal.screen.text).toHaveLength(4);
      expect(terminal.screen.cursor).toEqual({ row: 4, column: 0 });
    },
  );

  it('shows the end of a flow that is over before anything was drawn, or before it is shown', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    flow.end();
    expect(terminal.screen.text[0]).toBe('flights  completed after 0:00, 0 results');
  });

  it('says that a flow has been told to end', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    flow.quitting = true;
    pass(100);
    expect(terminal.screen.text[0]).toBe('flights  0:00, 0 results, is ending');
  });

  it('neither hides the cursor nor changes how lines wrap, and leaves the cursor on a line of its own: a signal may end it all', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    pass(1000);
    expect(terminal.screen.cursor).toEqual({ row: 4, column: 0 });
    flow.end();
    expect(terminal.screen.modes).toEqual([]);
  });

  it('shows what the flow waits for, and how many stages there are besides, where there is no room for all', () => {
    const terminal = new FakeTerminal(80, 8);
    const stages = Array.from({ length: 20 }, (_, i) => stage(`stage ${i}`));
    const flow = new FakeFlow('flow', stages);
    showProgress(flow, terminal);
    pass(50);
    flow.set('stage 13', { busy: 40 });
    flow.set('stage 3', { busy: 45, heldBack: 30 });
    flow.set('stage 17', { busy: 20 });
    pass(50);
    const shown = (): string[] => terminal.screen.text.map((line) => line.replace(/ +0 {2}0\/s.+/, ''));
    expect(shown()).toEqual([
      'flow  0:00, 0 results',
      '  stage 13',
      '  stage 17',
      '  stage 3',
      '  stage 0',
      '  and 16 more',
    ]);
    expect(terminal.screen.text.length).toBeLessThanOrEqual(8 - 2);
    // The order stays for two seconds.
    flow.set('stage 5', { busy: 1000 });
    pass(1900);
    expect(shown()[1]).toBe('  stage 13');
    pass(500);
    expect(shown()[1]).toBe('  stage 5');
  });

  it('takes up fewer lines when the terminal becomes lower or stages fewer, and more when they become more', () => {
    const terminal = new FakeTerminal(80, 24);
    const stages = Array.from({ length: 10 }, (_, i) => stage(`stage ${i}`));
    const flow = new FakeFlow('flow', stages);
    showProgress(flow, terminal);
    pass(100);
    expect(terminal.screen.text).toHaveLength(11);
    flow.stages = stages.slice(0, 3);
    pass(100);
    expect(terminal.screen.text).toHaveLength(4);
    flow.stages = stages;
    pass(100);
    expect(terminal.screen.text).toHaveLength(11);
    terminal.resize(80, 14);
    pass(100);
    terminal.resize(80, 13);
    pass(100);
    expect(terminal.screen.text).toHaveLength(11);
    terminal.stdout.write('mine\n');
    pass(100);
    terminal.resize(40, 24);
    pass(100);
    expect(terminal.screen.text).toHaveLength(12);
    expect(terminal.screen.text[0]).toBe('mine');
    expect(Math.max(...terminal.screen.text.map((line) => line.length))).toBeLessThan(40);
  });

  it.each([1, 2, 5, 10, 20, 40, 79, 80, 200])(
    'keeps every line within %i columns, wide characters counted',
    (columns) => {
      const terminal = new FakeTerminal(columns, 24);
      const flow = new FakeFlow('データの流れ'.repeat(20), [
        stage('読む'.repeat(30), { kind: 'source', total: 10, out: 3, to: ['👍'.repeat(100)] }),
        stage('👍'.repeat(100), { in: 3 }),
        stage('e\u{301}'.repeat(50), { in: 1, heldBack: 50 }),
      ]);
      showProgress(flow, terminal);
      pass(300);
      expect(terminal.screen.cursor, 'no line has gone on into the next').toEqual({ row: 4, column: 0 });
      flow.end();
      expect(terminal.screen.cursor).toEqual({ row: 4, column: 0 });
    },
  );

  it('X16 shows control characters in names, and does not obey them', () => {
    const terminal = new FakeTerminal(200);
    const flow = new FakeFlow('a\n\u{1B}[2Jb', [stage('x\r\u{9B}31my\u{202E}\u{2028}z')]);
    showProgress(flow, terminal);
    pass(100);
    flow.end();
    expect(terminal.screen.text).toEqual([
      'a\\u{a}\\u{1b}[2Jb  completed after 0:00, 0 results',
      '  x\\u{d}\\u{9b}31my\\u{202e}\\u{2028}z  0  0/s  0 held  busy 0%',
    ]);
    // Nothing but what moves, erases and breaks lines comes out.
    // oxlint-disable-next-line no-control-regex -- what is looked for
    expect(terminal.writes.join('').replaceAll(/\u{1B}\[\d*[AGJK]|[\n\r]/gu, '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });

  it('shows flows that run at once below each other, and the end of one above the others', () => {
    const terminal = new FakeTerminal();
    const one = new FakeFlow('one', [stage('a')]);
    const two = new FakeFlow('two', [stage('b')]);
    showProgress(one, terminal);
    showProgress(two, terminal);
    pass(100);
    expect(terminal.screen.text.map((line) => line.trim().split(' ')[0])).toEqual(['one', 'a', 'two', 'b']);
    two.end();
    expect(terminal.screen.text.map((line) => line.trim().split(' ')[0])).toEqual(['two', 'b', 'one', 'a']);
    terminal.stdout.write('mine\n');
    pass(100);
    one.end('failed');
    expect(terminal.screen.text.map((line) => line.trim().split(' ')[0])).toEqual(['two', 'b', 'mine', 'one', 'a']);
  });

  it('shares the lines among more flows than there are lines for', () => {
    const terminal = new FakeTerminal(80, 7);
    const flows = Array.from({ length: 9 }, (_, i) => new FakeFlow(`flow ${i}`, [stage('a'), stage('b')]));
    for (const flow of flows) showProgress(flow, terminal);
    pass(100);
    expect(terminal.screen.text).toHaveLength(5);
    expect(terminal.screen.text.at(-1)).toBe('and 5 more flows');
    for (const flow of flows.slice(2)) flow.end();
    pass(100);
    expect(terminal.screen.text.slice(-5).map((line) => line.split('  ')[0] || line)).toEqual([
      'flow 0',
      '  and 2 more',
      'flow 1',
      expect.stringContaining('a  0'),
      expect.stringContaining('b  0'),
    ]);
    for (const flow of flows) flow.end();
  });
});

describe("the program's own output", () => {
  it('comes out whole above the bars, at once and in order', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    pass(100);
    terminal.stdout.write('first\n');
    expect(terminal.screen.text).toEqual(['first']);
    terminal.stderr.write('second\n');
    pass(100);
    expect(terminal.screen.text).toEqual(['first', 'second', expect.stringContaining('flights'), ...three]);
    terminal.stdout.write(`${'long '.repeat(100)}\n`);
    pass(100);
    flow.end();
    expect(terminal.screen.text).toHaveLength(2 + 7 + 4);
    expect(
      terminal.screen.text
        .slice(2, 9)
        .map((line) => line.padEnd(80))
        .join('')
        .trim(),
    ).toBe('long '.repeat(100).trim());
  });

  it('is drawn around soon, and not after every write', () => {
    const terminal = new FakeTerminal();
    showProgress(flights(), terminal);
    pass(100);
    pass(50);
    terminal.stdout.write('a\n');
    pass(1);
    expect(terminal.screen.text).toHaveLength(5);
    const before = terminal.writes.length;
    for (let i = 0; i < 1000; i++) {
      terminal.stdout.write('b\n');
      pass(1);
    }
    const drawn = terminal.writes.slice(before).filter((text) => text.includes('flights')).length;
    expect(drawn).toBeGreaterThan(20);
    expect(drawn).toBeLessThan(45);
  });

  it.each([['a word'], ['50%\r'], ['line\nand a word'], ['\u{1B}[31mred'], [Buffer.from('é')]])(
    'is not drawn over while its line has not ended: %j',
    (chunk) => {
      const terminal = new FakeTerminal();
      const alone = new Screen(80, 24);
      const flow = flights();
      showProgress(flow, terminal);
      pass(100);
      terminal.stdout.write(chunk);
      alone.write(chunk.toString());
      pass(1000);
      expect(terminal.screen.text).toEqual(alone.text);
      expect(terminal.screen.cursor).toEqual(alone.cursor);
      terminal.stderr.write(' and the rest\n');
      alone.write(' and the rest\n');
      pass(1000);
      expect(terminal.screen.text).toEqual([...alone.text, expect.stringContaining('flights'), ...three]);
    },
  );

  it('is not broken by the end of a flow in the middle of a line', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    pass(100);
    terminal.stdout.write('half ');
    flow.end();
    terminal.stdout.write('line\n');
    expect(terminal.screen.text).toEqual(['half line']);
  });

  it.each(['\u{1B}[31mred\n\u{1B}[39m', Buffer.from('bytes\n'), new Uint8Array([104, 10])])(
    'has ended its line when colours are set back after it, or it is bytes',
    (chunk) => {
      const terminal = new FakeTerminal();
      showProgress(flights(), terminal);
      pass(100);
      terminal.stdout.write(chunk);
      pass(100);
      expect(terminal.screen.text).toHaveLength(5);
    },
  );

  it.each([
    ['hex', '610a', true],
    ['base64', Buffer.from('a\n').toString('base64'), true],
    ['hex', '61', false],
    ['utf8', 'a\n', true],
  ] as const)('is understood in its encoding: %s %s', (encoding, chunk, ended) => {
    const terminal = new FakeTerminal();
    showProgress(flights(), terminal);
    pass(100);
    terminal.stdout.write(chunk, encoding);
    pass(100);
    expect(terminal.screen.text).toHaveLength(ended ? 5 : 1);
    expect(terminal.screen.text[0]).toBe('a');
  });

  it('is not drawn over that was there before, of which nobody knows whether its line had ended', () => {
    for (const [before, seen] of [
      ['Working: ', ['Working:']],
      ['Done\n', ['Done']],
      ['', []],
      ['x'.repeat(80), ['x'.repeat(80)]],
    ] as const) {
      const terminal = new FakeTerminal();
      terminal.screen.write(before);
      const flow = flights();
      showProgress(flow, terminal);
      pass(300);
      flow.end();
      expect(terminal.screen.text).toEqual([...seen, expect.stringContaining('flights'), ...three]);
    }
  });

  it('keeps callbacks, encodings, what write gives back, and what it throws', async () => {
    const terminal = new FakeTerminal();
    showProgress(flights(), terminal);
    pass(100);
    const done = vi.fn<() => void>();
    expect(terminal.stdout.write('a\n', done)).toBe(true);
    expect(terminal.stdout.write('a\n', 'utf8', done)).toBe(true);
    expect(done).toHaveBeenCalledTimes(0);
    await new Promise((resolve) => process.nextTick(resolve));
    expect(done).toHaveBeenCalledTimes(2);
    expect(() => terminal.stdout.write(5)).toThrow(TypeError);
    terminal.stdout.take = () => {};
    expect(terminal.stdout.write('x'.repeat(100_000)), 'more than fits').toBe(false);
  });

  it('that is gathered by the program (cork) is not drawn over when it comes', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    pass(100);
    terminal.stdout.cork();
    terminal.stdout.write('one\n');
    pass(1000);
    terminal.stdout.uncork();
    expect(terminal.screen.text).toEqual(['one']);
    pass(100);
    expect(terminal.screen.text).toHaveLength(5);
  });

  it('goes to a file or pipe untouched while the bars are drawn in the terminal', () => {
    const terminal = new FakeTerminal();
    const stdout = pipe();
    const { write } = stdout;
    const flow = flights();
    showProgress(flow, { stdout, stderr: terminal.stderr, env: terminal.env });
    pass(100);
    expect(stdout.write).toBe(write);
    expect(Object.hasOwn(stdout, 'write')).toBe(false);
    stdout.write('half');
    pass(100);
    expect(terminal.screen.text).toHaveLength(4);
    flow.end();
    expect(stdout.text).toBe('half');
  });

  it('is the same on the screen as without bars, whatever is written and drawn in whatever order', () => {
    const text = fc.oneof(
      fc.constantFrom(
        '',
        'word',
        'line\n',
        'two\nlines\n',
        '50%\r',
        '\u{1B}[31mred\u{1B}[39m',
        '漢字\n',
        '\n',
        'x'.repeat(37),
      ),
      fc.constantFrom(19, 20, 21, 40, 55).map((length) => `${'y'.repeat(length)}\n`),
      fc.stringMatching(/^[a-z ]{0,30}\n?$/),
    );
    const action = fc.oneof(
      { weight: 3, arbitrary: fc.record({ to: fc.constantFrom('stdout', 'stderr'), text }) },
      { weight: 2, arbitrary: fc.constantFrom(1, 20, 40, 100, 250).map((ms) => ({ ms })) },
      fc.integer({ min: 0, max: 12 }).map((stages) => ({ stages })),
      fc.constantFrom('begin' as const, 'end' as const),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        vi.clearAllTimers();
        const terminal = new FakeTerminal(20, 9);
        const alone = new Screen(20, 9);
        const flows: FakeFlow[] = [];
        for (const act of actions) {
          if (act === 'begin') {
            // What was written before is another test's.
            if (flows.length === 0 && !alone.isInEmptyLine) {
              terminal.stdout.write('\n');
              alone.write('\n');
            }
            flows.push(new FakeFlow('§flow', [stage('§a')]));
            showProgress(flows.at(-1)!, terminal);
          } else if (act === 'end') flows.shift()?.end();
          else if ('ms' in act) pass(act.ms);
          else if ('stages' in act) {
            for (const flow of flows) flow.stages = Array.from({ length: act.stages }, (_, i) => stage(`§${i}`));
          } else {
            terminal[act.to].write(act.text);
            alone.write(act.text);
          }
          const own = terminal.screen.text.filter((line) => !/^ *§|^ +and \d+ more|^and \d+ more flows/.test(line));
          while (own.at(-1) === '') own.pop();
          expect(own).toEqual(alone.text);
        }
        for (const flow of flows) flow.end();
        expect(Object.hasOwn(terminal.stdout, 'write') || Object.hasOwn(terminal.stderr, 'write')).toBe(false);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  const three = ['lines', 'parse', 'store'].map((name) => expect.stringContaining(`  ${name}`));
});

describe('what is left', () => {
  const events = ['error', 'drain', 'finish', 'close', 'resize', 'pipe'];
  const listeners = ({ stdout, stderr }: FakeTerminal): number[] => [
    ...process.eventNames().map((name) => process.listenerCount(name)),
    ...[stdout, stderr].flatMap((stream) => events.map((event) => stream.listenerCount(event))),
  ];

  it.each(['completed', 'failed', 'aborted'] as const)(
    'R-62 is nothing: no listener, timer or function: %s',
    (ended) => {
      const terminal = new FakeTerminal();
      const before = listeners(terminal);
      const flow = flights();
      showProgress(flow, terminal);
      pass(1000);
      terminal.stderr.write('mine\n');
      expect(listeners(terminal), 'while it is shown, too').toEqual(before);
      expect(Object.hasOwn(terminal.stdout, 'write')).toBe(true);
      flow.end(ended);
      expect(listeners(terminal)).toEqual(before);
      expect(vi.getTimerCount()).toBe(0);
      expect(Object.hasOwn(terminal.stdout, 'write')).toBe(false);
      expect(Object.hasOwn(terminal.stderr, 'write')).toBe(false);
      const { length } = terminal.writes;
      pass(10_000);
      expect(terminal.writes).toHaveLength(length);
    },
  );

  it('keeps what others have put on top of write, and what was there before it', () => {
    const terminal = new FakeTerminal();
    const { stdout } = terminal;
    const heard: string[] = [];
    const tap = (name: string): (() => void) => {
      const below = stdout.write.bind(stdout) as (text: string) => boolean;
      const had = Object.hasOwn(stdout, 'write') ? stdout.write : undefined;
      stdout.write = ((text: string) => {
        heard.push(name);
        return below(text);
      }) as typeof stdout.write;
      return () => {
        if (had === undefined) delete (stdout as { write?: unknown }).write;
        else stdout.write = had;
      };
    };
    const first = tap('first');
    const { write } = stdout;
    const flow = flights();
    showProgress(flow, terminal);
    const second = tap('second');
    const onTop = stdout.write;
    pass(100);
    flow.end();
    expect(stdout.write).toBe(onTop);
    stdout.write('mine\n');
    expect(heard).toEqual(['second', 'first']);
    second();
    // Ours is on top again and does nothing; a flow after it takes its place and puts back what was there at first.
    const next = flights();
    showProgress(next, terminal);
    next.end();
    expect(stdout.write).toBe(write);
    first();
    expect(Object.hasOwn(stdout, 'write')).toBe(false);
  });

  it('no timer keeps the process alive', () => {
    const alive = new Set<NodeJS.Timeout>();
    for (const name of ['setInterval', 'setTimeout'] as const) {
      const start = globalThis[name] as (act: () => void, ms: number) => NodeJS.Timeout;
      vi.spyOn(globalThis, name).mockImplementation(((act: () => void, ms: number) => {
        const timer = start(act, ms);
        alive.add(timer);
        return timer;
      }) as never);
    }
    const clear = globalThis.clearTimeout;
    vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
      alive.delete(timer as NodeJS.Timeout);
      clear(timer);
    });
    const terminal = new FakeTerminal();
    showProgress(flights(), terminal);
    showProgress(flights(), { stdout: pipe(), stderr: pipe(), env: {} });
    pass(1000);
    terminal.stdout.write('mine\n');
    vi.restoreAllMocks();
    expect([...alive].filter((timer) => timer.hasRef())).toEqual([]);
    expect(alive.size, 'frames, lines, and drawing again').toBeGreaterThanOrEqual(3);
  });
});

describe('whatever goes wrong', () => {
  it('flow and output go on when a view throws, and everything is put back', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    pass(100);
    flow.stats = () => {
      throw new Error('broken');
    };
    pass(100);
    terminal.stdout.write('mine\n');
    pass(1000);
    expect(terminal.screen.text.at(-1)).toBe('mine');
    expect(Object.hasOwn(terminal.stdout, 'write')).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    expect(warn).toHaveBeenCalledTimes(1);
    const sound = flights();
    showProgress(sound, terminal);
    pass(100);
    expect(terminal.screen.text.at(-1)).toContain('store');
    sound.end();
  });

  it.each(['EPIPE', 'EIO'])('a terminal that is gone (%s) is no error of the program', async (code) => {
    const terminal = new FakeTerminal();
    terminal.stderr.take = (_, done) => done(Object.assign(new Error(code), { code }));
    const flow = flights();
    showProgress(flow, terminal);
    pass(100);
    await vi.advanceTimersByTimeAsync(1000);
    expect(terminal.stderr.destroyed).toBe(true);
    flow.end();
    expect(Object.hasOwn(terminal.stdout, 'write')).toBe(false);
  });

  it('a stream that says at once that it is broken is no error of the program', () => {
    const terminal = new FakeTerminal();
    const { stderr } = terminal;
    stderr.write = () => stderr.emit('error', new Error('broken'));
    const flow = flights();
    showProgress(flow, terminal);
    expect(() => pass(1000)).not.toThrow();
    expect(vi.getTimerCount(), 'it goes on').toBe(1);
    flow.end();
    expect(stderr.listenerCount('error')).toBe(0);
  });

  it('nothing of an earlier frame stays below, should the terminal have moved the cursor', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    terminal.stdout.write('mine\nmine\nmine\n');
    pass(100);
    terminal.screen.write('\u{1B}[2A');
    pass(100);
    expect(terminal.screen.text).toHaveLength(1 + 4);
    flow.end();
  });

  it('a terminal that takes nothing any more gets no more frames', () => {
    const terminal = new FakeTerminal();
    const flow = flights();
    showProgress(flow, terminal);
    terminal.stderr.take = () => {};
    pass(60_000);
    expect(terminal.stderr.writableLength).toBeLessThan(1000);
    flow.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});

function noTerminal() {
  return { stdout: pipe(), stderr: pipe(), env: {} };
}

describe('without a terminal', () => {
  it('writes a line after a second, then every five, and one at the end', () => {
    const outputs = noTerminal();
    const flow = flights();
    showProgress(flow, outputs);
    pass(999);
    expect(outputs.stderr.text).toBe('');
    advance(flow, 250);
    pass(1);
    expect(outputs.stderr.text).toBe(
      'flow "flights": 0:01, 228 results; lines 25% 250/1,000 250/s ETA 0:03 busy 0%; ' +
        'parse 24% 240/1,000 240/s ETA 0:04 10 held busy 0%; store 228 228/s 2 held busy 0%\n',
    );
    pass(4999);
    expect(outputs.stderr.text.split('\n')).toHaveLength(2);
    pass(1);
    expect(outputs.stderr.text.split('\n')).toHaveLength(3);
    pass(15_000);
    expect(outputs.stderr.text.split('\n')).toHaveLength(6);
    flow.end('failed');
    expect(outputs.stderr.text.split('\n').slice(-2)).toEqual([
      'flow "flights": failed after 0:21, 228 results; lines 25% 250/1,000 12/s busy 0%; ' +
        'parse 24% 240/1,000 11/s 10 held busy 0%; store 228 11/s 2 held busy 0%',
      '',
    ]);
    expect(outputs.stdout.text).toBe('');
    expect(vi.getTimerCount()).toBe(0);
    expect(Object.hasOwn(outputs.stderr, 'write')).toBe(false);
  });

  it('X16 writes no control characters at all', () => {
    const outputs = noTerminal();
    const flow = new FakeFlow('a\n\u{1B}[2J', [stage('x\u{202E}\r\n2026 INFO fake')]);
    showProgress(flow, outputs);
    pass(1000);
    flow.end();
    expect(outputs.stderr.text).toContain('a\\u{a}\\u{1b}[2J');
    expect(outputs.stderr.text.split('\n')).toHaveLength(3);
    expect(outputs.stderr.text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });

  it.each([
    [{ CI: 'true' }, false],
    [{ CI: '1', TERM: 'xterm' }, false],
    [{ TERM: 'dumb' }, false],
    [{ CI: 'false' }, true],
    [{ CI: '' }, true],
    [{}, true],
  ])('counts a terminal with %j as one that can be drawn in: %s', (env, draws) => {
    const terminal = new FakeTerminal();
    terminal.env = env;
    const flow = flights();
    showProgress(flow, terminal);
    pass(1000);
    flow.end();
    expect(terminal.writes.join('').includes('\u{1B}')).toBe(draws);
    expect(terminal.writes.join('').includes('flights')).toBe(true);
  });

  it('says of a flow with many stages what it waits for', () => {
    const outputs = noTerminal();
    const stages = Array.from({ length: 300 }, (_, i) => stage(`stage ${i}`, { busy: i === 250 ? 5 : 0 }));
    const flow = new FakeFlow('flow', stages);
    showProgress(flow, outputs);
    flow.set('stage 250', { busy: 900 });
    pass(1000);
    expect(outputs.stderr.text).toMatch(/results; stage 250 0 .+; and 293 more\n$/);
    flow.end();
  });

  it("waits until the program's line has ended", () => {
    const outputs = noTerminal();
    const flow = flights();
    showProgress(flow, outputs);
    outputs.stderr.write('half');
    pass(3500);
    expect(outputs.stderr.text).toBe('half');
    outputs.stderr.write(' line\n');
    pass(500);
    expect(outputs.stderr.text).toMatch(/^half line\nflow "flights": 0:04[^\n]+\n$/);
    outputs.stderr.write('half');
    flow.end();
    expect(outputs.stderr.text.endsWith('\nhalf')).toBe(true);
  });

  it('does not let lines pile up that a slow reader has no time for, but the last', () => {
    const outputs = noTerminal();
    const kept: string[] = [];
    outputs.stderr.take = (text) => void kept.push(text);
    const flow = flights();
    showProgress(flow, outputs);
    pass(60_000);
    expect(kept).toHaveLength(1);
    const { writableLength } = outputs.stderr;
    expect(writableLength).toBe(kept[0]!.length);
    flow.end();
    expect(outputs.stderr.writableLength).toBeGreaterThan(writableLength);
  });
});
