import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const names = readdirSync(new URL('../../examples', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length));

/** What makes an example long enough to be interrupted. */
const endless: Partial<Record<string, string[]>> = {
  'million-jobs': ['20000000'],
  'timeout-quit': ['--forever'],
};

/** They are mostly done within the turn of the event loop in which they begin, too soon to be interrupted. */
const instant = new Set(['generator', 'squares', 'own-stage']);

/** Runs an example as a person does, and gives what it prints. */
async function example(name: string, ...args: string[]) {
  return ended(spawn(process.execPath, ['--import', 'tsx', 'examples/run.ts', name, ...args], { cwd: root }));
}

/** Runs an example and presses Ctrl-C in the middle of it. */
async function interrupted(name: string, ...args: string[]) {
  const imports = ['--import', 'tsx', '--import', './test/examples/pressCtrlC.ts'];
  return ended(spawn(process.execPath, [...imports, 'examples/run.ts', name, ...args], { cwd: root }));
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
    const { code, lines, stdout } = await example('fan-out-fan-in');
    expect(code).toBe(0);
    const results = lines.slice(0, -1).map((line) => /^job (\d+): (\d+) [(](red|green|blue)[)]$/.exec(line)!);
    expect(results.map(([, job, result]) => Number(job) ** 2 === Number(result))).toEqual(Array(10).fill(true));
    expect(new Set(results.map(([, , , lane]) => lane)).size).toBe(3);
    const seconds = Number(/10 results in ([\d.]+) s/.exec(stdout)?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(2);
    expect(seconds).toBeLessThan(4);
  });

  // The flagship has a test of its own, in flights/.
  it.concurrent.each(names.filter((name) => name !== 'flights'))('%s ends well on Ctrl-C', async (name) => {
    const { code, stderr } = await interrupted(name, ...(endless[name] ?? []));
    expect(stderr).toBe('');
    expect(instant.has(name) ? [0, 130] : [130]).toContain(code);
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
    const { code, stderr } = await example('timeout-quit', '--nonsense');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Unknown option '--nonsense'/);
    expect(stderr).not.toContain('    at ');
  });

  it('names the nearest example for one that does not exist', async () => {
    const { code, stderr } = await example('genrator');
    expect(code).toBe(1);
    expect(stderr).toContain('Did you mean "generator"?');
  });
});
