import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Report } from 'sluice';

/** Where `test/compile.ts` puts it. */
const fixture = fileURLToPath(new URL('../../out/programs/test/observe/fixtures/flow.js', import.meta.url));

/** Starts the fixture, sends the signals one after the other once it is ready, and waits for its end. */
async function end(flow: string, ...signals: NodeJS.Signals[]) {
  const child = spawn(process.execPath, [fixture, flow], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let signalled = 0;
  child.stderr.on('data', (data) => (stderr += data));
  child.stdout.on('data', (data) => {
    stdout += data;
    if (signalled > 0 || !stdout.includes('ready')) return;
    signalled = performance.now();
    for (const [i, signal] of signals.entries()) setTimeout(() => child.kill(signal), i * 100);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const json = stdout.split('\n').find((line) => line.startsWith('{'));
  return {
    code,
    stderr,
    took: performance.now() - signalled,
    report: json === undefined ? undefined : (JSON.parse(json) as Report),
  };
}

describe('a process that is told to quit', () => {
  it('R-90 finishes what is in flight and exits with 130 on SIGINT', async () => {
    const { code, report } = await end('draining', 'SIGINT');
    expect({ code, ended: report?.ended, abandoned: report?.abandoned }).toEqual({
      code: 130,
      ended: 'quit',
      abandoned: 0,
    });
    for (const stage of report!.stages) {
      if (stage.kind === 'stage') expect(stage.completed).toBe(stage.in);
      expect(stage.held).toBe(0);
    }
    const [source, first] = report!.stages;
    expect(first!.in).toBe(source!.out);
  });

  it('R-90 exits with 143 on SIGTERM', async () => {
    const { code, report } = await end('draining', 'SIGTERM');
    expect({ code, ended: report?.ended, abandoned: report?.abandoned }).toEqual({
      code: 143,
      ended: 'quit',
      abandoned: 0,
    });
  });

  it('L4 hears the signal in a pipeline that never waits for anything', async () => {
    const { code, report } = await end('hot', 'SIGINT');
    expect({ code, ended: report?.ended }).toEqual({ code: 130, ended: 'quit' });
  });

  it('R-91 aborts at once on a second signal and says what was lost', async () => {
    const { code, report, took } = await end('slow', 'SIGINT', 'SIGINT');
    expect({ code, ended: report?.ended }).toEqual({ code: 130, ended: 'aborted' });
    expect(report!.abandoned).toBe(6);
    expect(took).toBeLessThan(5000);
  });

  it('R-92 ends a flow with work that never ends when its grace is over, and the process with it', async () => {
    const { code, report, took } = await end('hung', 'SIGINT');
    expect({ code, ended: report?.ended, abandoned: report?.abandoned }).toEqual({
      code: 130,
      ended: 'aborted',
      abandoned: 6,
    });
    expect(took).toBeLessThan(5000);
  });

  it('does not hide a failure that nobody looks at', async () => {
    const { code, stderr } = await end('failing');
    expect(code).toBe(1);
    expect(stderr).toContain('FlowError: Flow "flow" failed: ten');
  });
});
