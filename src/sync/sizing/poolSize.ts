import { outOfRange, wrongType } from '../../core/errors.ts';
import { OptionReader } from '../../core/options.ts';
import { checkNumber, readPositive } from '../../core/readers.ts';
import { coresOf } from './coresOf.ts';
import { littlesLaw } from './littlesLaw.ts';

/** Work that computes all the time: as many as there are cores. */
export interface CpuPool {
  /** Work that keeps a core busy. */
  kind: 'cpu';
  /** An integer of 1 or more. Default: what `navigator.hardwareConcurrency` says. */
  cores?: number | undefined;
  /** Which part of the cores it may use: a number of more than 0, and 1 at most. Default 1. */
  utilization?: number | undefined;
}

/** Work that waits for something else all the time: as many as the rate needs. */
export interface IoPool {
  /** Work that waits for something outside, all of it alike. */
  kind: 'io';
  /** How many are to be done in a second: a finite number of more than 0. */
  rate: number;
  /** How long one takes, in milliseconds: a finite number of more than 0. */
  latency: number;
}

/** Work that computes for a while and waits for a while: so many that the cores are busy although most of them wait. */
export interface MixedPool {
  /** Work that computes for a while and waits for a while. */
  kind: 'mixed';
  /** For how many milliseconds one waits: a finite number of more than 0. */
  wait: number;
  /** For how many milliseconds one computes: a finite number of more than 0. */
  compute: number;
  /** An integer of 1 or more. Default: what `navigator.hardwareConcurrency` says. */
  cores?: number | undefined;
  /** Which part of the cores it may use: a number of more than 0, and 1 at most. Default 1. */
  utilization?: number | undefined;
}

/** Work that needs much memory: as many as fit. */
export interface MemoryPool {
  /** Work that is bounded by the memory each piece takes. */
  kind: 'memory';
  /** How many bytes there are for all together: a finite number of more than 0. */
  memory: number;
  /** How many bytes one needs at most: a finite number of more than 0, and `memory` at most. */
  perItem: number;
}

/** The options of {@link poolSize}: those of one kind of work. */
export type PoolSizeOptions = CpuPool | IoPool | MixedPool | MemoryPool;

/**
 * Says how many of some work should run at once, from what it spends its time or memory on.
 *
 * ```
 * cpu:    cores × utilization                          8 cores: 8
 * mixed:  cores × utilization × (1 + wait / compute)   8 cores, waits 50 ms, computes 5 ms: 88
 * io:     rate × latency                               200 a second, 50 ms each: 10
 * memory: memory / perItem                             2 GB, 300 MB each: 6
 * ```
 *
 * What it gives is never less than 1. It is where to begin measuring, not where to end: the report of `run` says what a pool
 * really does.
 *
 * @example
 * ```ts
 * const concurrency = poolSize({ kind: 'mixed', cores: 8, wait: 50, compute: 5 }); // 88
 * urls$.pipe(workerPool(fetchAndParse, { concurrency }));
 * ```
 *
 * JavaScript computes on one core, unless it is told otherwise: `cpu` is for the threads of `parallel`; for a `workerPool` on
 * the main thread give `mixed` one core.
 *
 * @see {@link littlesLaw}, which `io` rounds up. {@link usl}, for more workers that get less done. The formula of `mixed` is that
 * of B. Goetz, Java Concurrency in Practice, 8.2.
 * @param options See {@link PoolSizeOptions}.
 * @returns An integer of 1 or more.
 * @throws TypeError or RangeError if an option is wrong, missing, or of another kind of work; or if `cores` is left out where
 * there is no `navigator` (Node.js 20).
 */
export function poolSize(options: PoolSizeOptions): number {
  const read = new OptionReader<AnyPool>('poolSize', options, KNOWN);
  const kind = read.oneOf<Kind | ''>('kind', KINDS, '');
  if (kind === '') throw read.wrong('kind', "given: 'cpu', 'io', 'mixed' or 'memory'", undefined);
  for (const option of KNOWN) {
    const value = read.get(option);
    if (option === 'kind' || value === undefined || OPTIONS[kind].includes(option)) continue;
    throw wrongType('poolSize', option, `left out, as it is no option of the kind '${kind}'`, value);
  }
  const size = SIZES[kind](read);
  return Math.min(Math.max(1, size), Number.MAX_SAFE_INTEGER);
}

type Kind = PoolSizeOptions['kind'];

interface AnyPool {
  kind?: Kind;
  cores?: number | undefined;
  utilization?: number | undefined;
  rate?: number;
  latency?: number;
  wait?: number;
  compute?: number;
  memory?: number;
  perItem?: number;
}

type Read = OptionReader<AnyPool>;

const OPTIONS: Readonly<Record<Kind, readonly (keyof AnyPool)[]>> = {
  cpu: ['cores', 'utilization'],
  io: ['rate', 'latency'],
  mixed: ['wait', 'compute', 'cores', 'utilization'],
  memory: ['memory', 'perItem'],
};
const KINDS = Object.keys(OPTIONS) as Kind[];
const KNOWN: readonly (keyof AnyPool)[] = ['kind', ...new Set(Object.values(OPTIONS).flat())];

const SIZES: Readonly<Record<Kind, (read: Read) => number>> = {
  cpu: (read) => Math.floor(share(read) * (1 + ROUNDING)),
  io(read) {
    const { inFlight } = littlesLaw({ rate: needed(read, 'rate'), latency: needed(read, 'latency') });
    return Math.ceil(inFlight * (1 - ROUNDING));
  },
  mixed: (read) => Math.round(share(read) * (1 + needed(read, 'wait') / needed(read, 'compute'))),
  memory(read) {
    const memory = needed(read, 'memory');
    const perItem = needed(read, 'perItem');
    if (perItem > memory)
      throw outOfRange('poolSize', 'perItem', `${memory} at most, as not one fits otherwise`, perItem);
    return Math.floor((memory / perItem) * (1 + ROUNDING));
  },
};

/** What the last places of a product may be off. */
const ROUNDING = 1e-12;

/** How many cores the work may keep busy. */
function share(read: Read): number {
  const utilization = read.get('utilization');
  if (utilization !== undefined) {
    const rule = 'a number of more than 0, and 1 at most, as 0.6 for 60 %';
    checkNumber('poolSize', 'utilization', utilization, rule, (it) => it > 0 && it <= 1);
  }
  return coresOf('poolSize', read.get('cores')) * (utilization ?? 1);
}

function needed(read: Read, option: keyof AnyPool): number {
  const value = readPositive(read, option);
  if (value === undefined) throw wrongType('poolSize', option, 'given: a finite number of more than 0', value);
  return value;
}
