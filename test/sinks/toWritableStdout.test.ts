import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Ended {
  /** What went through the pipe. */
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Where `test/compile.ts` puts the program. */
const program = fileURLToPath(new URL('../../out/programs/test/sinks/fixtures/stdout.js', import.meta.url));

/** Runs `pipeline` in a shell, with FLOW for the program that writes to stdout, and gives the exit code of that. */
async function shell(pipeline: string): Promise<Ended> {
  const flow = `"${process.execPath}" "${program}"`;
  const script = `set -o pipefail; ${pipeline.replace('FLOW', flow)}; echo "\${PIPESTATUS[0]}" >&3`;
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const [out, err, code] = await Promise.all([1, 2, 3].map((fd) => text(child.stdio[fd] as NodeJS.ReadableStream)));
  return { out: out!, err: err!, code: Number(code) };
}

describe('toWritable(process.stdout)', { timeout: 60_000 }, () => {
  test.each(['fast', 'slow'])(
    'R-94 P4 ends quietly when whoever reads it goes away, from a %s source',
    async (pace) => {
      const { out, err, code } = await shell(`FLOW ${pace} Infinity | head -1`);
      expect(out).toBe('line 1\n');
      expect(JSON.parse(err)).toMatchObject({ ended: 'completed', accountedFor: true, left: [] });
      expect(code).toBe(0);
    },
  );

  test('fails with a WriteError if that is asked for', async () => {
    const { out, err, code } = await shell('FLOW fast Infinity fail | head -1');
    expect(out).toBe('line 1\n');
    expect(err).toMatch(
      /FlowError.*Stage "toWritable" had written \d+ items when its destination failed: write EPIPE/s,
    );
    expect(code).toBe(1);
  });

  test('writes everything, leaves it open, and takes its listeners away', async () => {
    const { out, err, code } = await shell('FLOW fast 100000 | cat');
    expect(out).toBe(Array.from({ length: 100_000 }, (_, i) => `line ${i + 1}\n`).join(''));
    expect(JSON.parse(err)).toEqual({
      ended: 'completed',
      accountedFor: true,
      arrived: 100_000,
      completed: 100_000,
      left: [],
    });
    expect(code).toBe(0);
  });

  test('writes everything to a slow reader and to a file', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i + 1}\n`).join('');
    expect((await shell('FLOW fast 20000 | (sleep 0.3; cat)')).out).toBe(lines);
    const { out } = await shell('FILE="$(mktemp)"; FLOW fast 20000 > "$FILE"; cat "$FILE"; rm "$FILE"');
    expect(out).toBe(lines);
  });

  test('fails for want of room as for any other destination', async () => {
    const { err, code } = await shell('FLOW fast 100000 > /dev/full');
    expect(err).toContain('ENOSPC');
    expect(code).toBe(1);
  });
});
