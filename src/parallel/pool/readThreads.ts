import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { outOfRange, wrongType } from '../../core/errors.ts';
import { holds, isOptions, type OptionReader } from '../../core/options.ts';
import { readDuration } from '../../core/readers.ts';
import type { ThreadSettings } from './Thread.ts';

/** How the threads of a stage or a pool are started and watched. */
export interface ThreadOptions {
  /** Limits of each thread, as `node:worker_threads` knows them: `maxOldGenerationSizeMb` and so on. Default: those of Node.js. */
  resourceLimits?: ResourceLimits | undefined;
  /**
   * The most bytes that a thread may hold outside its heap, in buffers above all, which `resourceLimits` does not cover. A thread
   * that holds more is replaced after its item; or, where Node.js can look into a busy thread (from 22.16 on), at once, and the item
   * fails like one that crashed its thread. Default: no limit.
   */
  maxMemory?: number | undefined;
  /** After how many items a thread is replaced: an integer of 1 or more. Default: never. */
  maxTasksPerThread?: number | undefined;
  /**
   * The environment variables of the threads. Default: only `NODE_ENV`, `TZ`, `LANG` and `LC_ALL`, so that secrets stay on the
   * main thread.
   */
  env?: Readonly<Record<string, string>> | undefined;
  /** How many milliseconds it may take to start a thread, or to import the module of a task: more than 0, to 2147483647. Default 10,000. */
  startTimeout?: number | undefined;
}

/** Checked {@link ThreadOptions}, and how many threads there may be. */
export interface PoolSettings extends ThreadSettings {
  readonly size: number;
  readonly maxMemory: number;
  readonly maxTasksPerThread: number;
}

export const THREAD_OPTIONS = ['resourceLimits', 'maxMemory', 'maxTasksPerThread', 'env', 'startTimeout'] as const;

export function readThreads<O extends ThreadOptions & { threads?: unknown }>(read: OptionReader<O>): PoolSettings {
  return {
    size: readSize(read.caller, read.get('threads')),
    resourceLimits: readLimits(read),
    maxMemory: read.count('maxMemory', 1, Infinity, true),
    maxTasksPerThread: read.count('maxTasksPerThread', 1, Infinity, true),
    env: readEnv(read),
    startTimeout: readTimeout(read, 'startTimeout') ?? 10_000,
  };
}

/** Reads a duration that is more than 0. */
export function readTimeout<O extends object>(read: OptionReader<O>, key: keyof O & string): number | undefined {
  const ms = readDuration(read, key);
  if (ms === 0) throw outOfRange(read.caller, key, 'more than 0', ms);
  return ms;
}

/** Checks a number of threads, or finds out how many there should be. */
export function readSize(fn: string, threads: unknown, name = 'threads'): number {
  if (threads === undefined || threads === 'auto') return automatic(fn);
  const rule = `an integer from 1 to ${MAX_THREADS}, 'auto' or a ThreadPool`;
  if (typeof threads !== 'number') throw wrongType(fn, name, rule, threads);
  if (!isSize(threads)) throw outOfRange(fn, name, rule, threads);
  return threads;
}

function automatic(fn: string): number {
  const given = process.env['SLUICE_THREADS'];
  if (given === undefined || given === '' || given === 'auto') return Math.min(availableParallelism(), MAX_THREADS);
  const threads = Number(given);
  if (!isSize(threads)) throw outOfRange(fn, 'SLUICE_THREADS', `an integer from 1 to ${MAX_THREADS}, or 'auto'`, given);
  return threads;
}

function isSize(threads: number): boolean {
  return Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS;
}

function readLimits<O extends ThreadOptions>(read: OptionReader<O>): ResourceLimits | undefined {
  const limits: unknown = read.get('resourceLimits');
  if (limits === undefined) return undefined;
  const rule = `an object of numbers more than 0 by the names ${LIMITS.join(', ')}`;
  const isRight = holds(
    () =>
      isOptions(limits) &&
      Object.entries(limits).every(
        ([name, value]) =>
          LIMITS.includes(name) &&
          (value === undefined || (typeof value === 'number' && value > 0 && value < Infinity)),
      ),
  );
  if (!isRight) throw wrongType(read.caller, 'resourceLimits', rule, limits);
  return { ...(limits as ResourceLimits) };
}

function readEnv<O extends ThreadOptions>(read: OptionReader<O>): Readonly<Record<string, string>> {
  const env: unknown = read.get('env');
  if (env === undefined) {
    const kept = PASSED_ON.filter((name) => process.env[name] !== undefined);
    return Object.fromEntries(kept.map((name) => [name, process.env[name]!]));
  }
  const isRight = holds(
    () => typeof env === 'object' && env !== null && Object.values(env).every((value) => typeof value === 'string'),
  );
  if (!isRight || Array.isArray(env)) throw wrongType(read.caller, 'env', 'an object of strings', env);
  return { ...(env as Record<string, string>) };
}

const MAX_THREADS = 256;
const LIMITS: readonly string[] = [
  'maxYoungGenerationSizeMb',
  'maxOldGenerationSizeMb',
  'codeRangeSizeMb',
  'stackSizeMb',
];
const PASSED_ON = ['NODE_ENV', 'TZ', 'LANG', 'LC_ALL'];
