import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { parallel } from '../../src/parallel/parallel.ts';
import { ThreadPool } from '../../src/parallel/ThreadPool.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { double } from './tasks/plain.task.ts';
import { until } from './until.ts';

/** The modules that this process has open. */
function openModules(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${fd}`);
      return /\.[cm]?[jt]s$/.test(file) ? [file] : [];
    } catch {
      return [];
    }
  });
}

describe('a thread that is ended while it imports modules', () => {
  test('R-55: leaves no file open, whenever that is', { timeout: 60_000 }, async () => {
    for (let i = 0; i < 80; i += 2) {
      const pool = new ThreadPool({ threads: 1 });
      const probe = new Probe<number>().subscribe(of(1).pipe(parallel(double, { threads: pool })));
      await sleep(i);
      probe.unsubscribe();
      await pool.close();
    }
    await until(() => openModules().length === 0);
    expect(openModules()).toEqual([]);
  });
});
