import type { Leak, Watch } from './Leak.ts';
import { isSeenAsResource } from './Resources.ts';
import { surplus } from './surplus.ts';

/** Watches what keeps the process alive, as Node.js counts it, and is not seen where it is made. */
export class ActiveResources implements Watch {
  readonly #before = active();

  leaks(): readonly Leak[] {
    return surplus(this.#before, active()).map((name) => ({ what: `active resource ${name}`, stack: '' }));
  }

  stop(): void {}
}

function active(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !isSeenAsResource(name));
}
