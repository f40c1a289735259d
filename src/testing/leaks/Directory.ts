import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Leak, Watch } from './Leak.ts';
import { surplus } from './surplus.ts';

/** Watches a directory for files, sockets and directories that are left there. */
export class Directory implements Watch {
  readonly #path: string;
  readonly #before: readonly string[];

  constructor(path: string) {
    this.#path = path;
    this.#before = readdirSync(path, { recursive: true }) as string[];
  }

  leaks(): readonly Leak[] {
    // What has been removed as a whole leaves nothing.
    const now = existsSync(this.#path) ? (readdirSync(this.#path, { recursive: true }) as string[]) : [];
    return surplus(this.#before, now).map((name) => ({ what: `${join(this.#path, name)} on disk`, stack: '' }));
  }

  stop(): void {}
}
