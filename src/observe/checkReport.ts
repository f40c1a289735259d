import { wrongType } from '../core/errors.ts';
import { holds, isArrayOf } from '../core/options.ts';

/** Checks that what a function is given as `argument` is a report, with all that is shown of one. */
export function checkReport(report: unknown, fn: string, argument: string): void {
  if (!holds(() => isReport(report))) {
    throw wrongType(fn, argument, 'what run(...).done or run(...).stats() gives', report);
  }
}

function isReport(report: unknown): boolean {
  const { name, elapsed, results, lateErrors, stages, threads, gauges, ended, advice, abandoned } = report as Record<
    string,
    unknown
  >;
  return (
    typeof name === 'string' &&
    [elapsed, results, lateErrors].every(isNumber) &&
    isArrayOf(stages, isStage) &&
    [threads, gauges].every((list) => isArrayOf(list, isObject)) &&
    (ended === undefined || (isArrayOf(advice, isString) && isNumber(abandoned)))
  );
}

function isStage(stage: unknown): stage is object {
  const { name, kind, to, p50, p90, p99, ...counts } = stage as Record<string, unknown>;
  if (typeof name !== 'string' || !['source', 'stage', 'stretch'].includes(kind as string)) return false;
  return isArrayOf(to, isString) && [p50, p90, p99].every(isTime) && COUNTS.every((count) => isNumber(counts[count]));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isString = (value: unknown): value is string => typeof value === 'string';
const isTime = (value: unknown): boolean => value === undefined || isNumber(value);

const COUNTS = [
  'in',
  'out',
  'failed',
  'retried',
  'dropped',
  'merged',
  'deadLettered',
  'abandoned',
  'held',
  'unaccounted',
  'used',
  'rate',
  'peak',
  'concurrency',
  'busy',
  'heldBack',
  'idle',
];
