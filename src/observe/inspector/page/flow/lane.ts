import type { ThreadReport } from '../../../report.ts';
import { lasted, whole } from '../figures/figures.ts';

/** What a thread does, in words. */
export interface Lane {
  readonly state: 'working' | 'idle' | 'starting' | 'ending' | 'none' | 'stuck';
  readonly text: string;
}

/** @param usual Milliseconds within which 99 in 100 items of its stage are done, where that is known. */
export function lane(thread: ThreadReport, usual?: number): Lane {
  const { state, stage, item, since = 0 } = thread;
  if (state !== 'working') return { state, text: WORDS[state] };
  const what = [stage, item === undefined ? undefined : `item ${whole(item)}`]
    .filter((it) => it !== undefined)
    .join(', ');
  const on = what === '' ? '' : ` on ${what}`;
  // What usually takes long is not stuck yet when it takes a little longer.
  if (since >= Math.max(LONG, 3 * (usual ?? 0))) return { state: 'stuck', text: `stuck for ${lasted(since)}${on}` };
  return { state: 'working', text: since >= 1000 ? `works for ${lasted(since)}${on}` : `works${on}` };
}

const WORDS = { none: 'no thread', starting: 'starting', idle: 'waits for work', ending: 'ending' };

/** Milliseconds after which one item is worth a look. */
const LONG = 5000;
