import { fstatSync, readdirSync, readlinkSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { Leak, Watch } from './Leak.ts';
import { surplus } from './surplus.ts';

/** What Node.js opens once, when it needs it first, and keeps: its event queues, and a reserve for a process that has no more. */
const KEPT = /^(?:anon_inode:|\/dev\/null$)/;

/**
 * Watches open files and threads, where `/proc` has them. Both belong to the process: within a worker thread others would
 * interfere, so nothing is watched there.
 */
export class Descriptors implements Watch {
  readonly #files = openFiles();
  readonly #threads = threads();

  leaks(): readonly Leak[] {
    const open = openFiles();
    const files = surplus([...this.#files.keys()], [...open.keys()]).map((id) => ({
      what: `open file ${open.get(id)}`,
      stack: '',
    }));
    const now = threads();
    const more = now > this.#threads ? [{ what: `${now} threads, where there were ${this.#threads}`, stack: '' }] : [];
    return [...files, ...more];
  }

  stop(): void {}
}

/** The names of open files by what stays the same when a file is renamed or removed: its number here and on its disk. */
function openFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const fd of list('/proc/self/fd')) {
    try {
      const name = readlinkSync(`/proc/self/fd/${fd}`);
      const { dev, ino } = fstatSync(Number(fd), { bigint: true });
      if (!KEPT.test(name)) files.set(`${fd} ${dev} ${ino}`, `${fd}: ${name}`);
    } catch {
      // Closed since it was listed, as the list itself.
    }
  }
  return files;
}

function threads(): number {
  return list('/proc/self/task').length;
}

function list(directory: string): string[] {
  if (!isMainThread) return [];
  try {
    return readdirSync(directory);
  } catch {
    // There is no /proc on this system.
    return [];
  }
}
