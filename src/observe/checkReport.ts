import { wrongType } from '../core/errors.ts';
import { holds, isArrayOf } from '../core/options.ts';

/** Checks that what `formatReport` is given has all that it shows. */
export function checkReport(report: unknown): void {
  if (!holds(() => isReport(report))) {
    throw wrongType('formatReport', 'report', 'what run(...).done or run(...).stats() gives', report);
  }
}

function isReport(report: unknown): boolean {
  const { name, elapsed, results, lateErrors, stages, ended, advice, abandoned } = report as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    [elapsed, results, lateErrors].every(isNumber) &&
    isArrayOf(stages, isStage) &&
    (ended === undefined || (isArrayOf(advice, isString) && isNumber(abandoned)))
  );
}

function isStage(stage: unknown): stage is object {
  const { name, p50, p99, ...counts } = stage as Record<string, unknown>;
  return typeof name === 'string' && [p50, p99].every(isTime) && COUNTS.every((count) => isNumber(counts[count]));
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isString = (value: unknown): value is string => typeof value === 'string';
const isTime = (value: unknown): boolean => value === undefined || isNumber(value);

const COUNTS = [
  'in',
  'out',
  'failed',
  'dropped',
  'merged',
  'deadLettered',
  'abandoned',
  'held',
  'peak',
  'concurrency',
  'busy',
  'heldBack',
  'idle',
];
