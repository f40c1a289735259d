import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Screen } from './progress/Screen.ts';

/** Where `test/compile.ts` puts it. */
const fixture = fileURLToPath(new URL('../../out/programs/test/observe/fixtures/progress.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-progress-'));
  if (spawnSync('script', ['--version']).status !== 0) {
    throw new Error('These tests need a pseudo-terminal: "script" of util-linux is missing (Debian: bsdutils)');
  }
});
afterAll(() => rm(folder, { recursive: true }));

interface Seen {
  wrapped: boolean[];
  listeners: Record<string, number>;
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Runs the program in a terminal of 80 by 24, with `redirect` as a shell has it, and gives what a person sees there. */
async function inTerminal(ending: string, redirect = '', kill?: NodeJS.Signals) {
  const file = join(folder, `${ending}${kill ?? ''}.json`);
  const program = [process.execPath, fixture, ending, file].map(quote).join(' ');
  const command = `stty rows 24 cols 80; ${program} ${redirect}; echo "code $?"`;
  const env: NodeJS.ProcessEnv = { ...process.env, TERM: 'xterm', SHELL: '/bin/sh' };
  delete env['CI'];
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let raw = '';
  let killed = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    // By then the bars have been drawn again.
    const pid = /ready (\d+)\s[^]*program {2}[^]*work/.exec(raw)?.[1];
    if (kill === undefined || killed || pid === undefined) return;
    killed = true;
    process.kill(Number(pid), kill);
  });
  await new Promise((resolve) => child.on('close', resolve));
  const screen = new Screen(80, 24);
  screen.write(raw);
  const seen = await readFile(file, 'utf8').catch(() => undefined);
  return {
    raw,
    screen,
    lines: screen.text,
    seen:
      seen === undefined
        ? undefined
        : (JSON.parse(seen) as Record<'during' | 'after', Seen> & { before: Seen['listeners'] }),
  };
}

const OWN = /^(out|err|half|and|thread|last|ready|code)/;
const isOut = (line: string): boolean => !line.startsWith('err');
const until = (end: number): string[] =>
  Array.from({ length: end }, (_, n) => {
    if (n % 10 === 0) return `out ${n}`;
    if (n % 10 === 5 && n !== 25) return `err ${n}`;
    return n === 25 ? 'half err 25' : n === 28 ? 'and half' : '';
  }).filter((line) => line !== '');

describe('in a real terminal', { timeout: 120_000 }, () => {
  it("draws bars below the program's own lines, and leaves their last state", async () => {
    const { lines, raw, seen } = await inTerminal('completes');
    const own = lines.filter((line) => OWN.test(line));
    expect(own).toEqual([...until(60), 'last words', 'code 0']);
    expect(lines.filter((line) => !OWN.test(line))).toEqual([
      expect.stringMatching(/^program {2}completed after \d:\d\d, 60 results$/),
      expect.stringMatching(/^ {2}fromIterable {2}\[={20}\] {2}100% {2}60\/60/),
      expect.stringMatching(/^ {2}work {10}\[={20}\] {2}100% {2}60\/60/),
    ]);
    expect(raw.split('program  ').length, 'it was drawn in between').toBeGreaterThan(2);
    expect(raw).not.toMatch(/\?25l|\?7l/);
    expect(seen!.during.wrapped).toEqual([true, true]);
    expect(seen!.after.wrapped).toEqual([false, false]);
    expect(seen!.during.listeners, 'R-62').toEqual(seen!.before);
    expect(seen!.after.listeners, 'R-62').toEqual(seen!.before);
  });

  it('touches nothing of what goes to a file', async () => {
    const file = join(folder, 'stdout');
    const { lines, seen } = await inTerminal('completes', `> ${quote(file)}`);
    const whole = until(60).map((line) => line.replace('half err 25', 'err 25').replace('and half', 'half and half'));
    expect(await readFile(file, 'utf8')).toBe([...whole.filter(isOut), 'last words', ''].join('\n'));
    expect(seen!.during.wrapped).toEqual([false, true]);
    expect(lines).toEqual([
      ...whole.filter((line) => !isOut(line)),
      expect.stringMatching(/^program {2}completed/),
      expect.stringContaining('60/60'),
      expect.stringContaining('60/60'),
      'code 0',
    ]);
  });

  it('writes plain lines where nothing is a terminal, and both go to one file', async () => {
    const file = join(folder, 'both');
    await inTerminal('completes', `> ${quote(file)} 2>&1`);
    const text = await readFile(file, 'utf8');
    const lines = text.split('\n').slice(0, -1);
    expect(lines.filter((line) => OWN.test(line))).toEqual([...until(60), 'last words']);
    expect(lines.findLast((line) => !OWN.test(line))).toMatch(/^flow "program": completed after \d:\d\d, 60 results; /);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });

  it('lets what threads write pass above the bars', async () => {
    const { lines } = await inTerminal('thread');
    const thread = lines.filter((line) => line.startsWith('thread'));
    expect(thread.filter((line) => line !== 'thread end')).toEqual(Array.from({ length: 20 }, (_, n) => `thread ${n}`));
    expect(thread).toContain('thread end');
    expect(lines.filter((line) => /^(out|err|half|and|last)/.test(line))).toEqual([...until(60), 'last words']);
  });

  it('leaves the bars of a flow that failed', async () => {
    const { lines, seen } = await inTerminal('fails');
    expect(lines.find((line) => line.startsWith('program'))).toMatch(/^program {2}failed after/);
    expect(lines.at(-2)).toBe('last words');
    expect(seen!.after).toEqual({ wrapped: [false, false], listeners: seen!.before });
  });

  it('leaves the terminal as it was when the process exits in the middle', async () => {
    const { lines, raw, screen } = await inTerminal('exits');
    expect(lines.at(-1)).toBe('code 7');
    expect(screen.modes).toEqual([]);
    expect(raw).toContain('program  ');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', 137],
  ] as const)('leaves it as it was when %s ends the process, with its usual exit code', async (signal, code) => {
    const { lines, screen, seen } = await inTerminal('hangs', '', signal);
    expect(lines.at(-1), 'on a line of its own, below the bars').toBe(`code ${code}`);
    // The shell may say what it was in a line before.
    expect(lines.slice(-3).some((line) => line.startsWith('  work'))).toBe(true);
    expect(screen.modes).toEqual([]);
    expect(seen, 'it has not ended by itself').toBeUndefined();
  });
});
