import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a stage in which many items fail. */
export function failures(reading: Reading): string | undefined {
  const failed = (stage: (typeof reading.stages)[number]): number => stage.failed + stage.deadLettered;
  const [stage] = reading.stages
    .filter((each) => each.in >= ENOUGH && failed(each) >= each.in * MANY)
    .toSorted((a, b) => failed(b) - failed(a));
  if (stage === undefined) return undefined;
  const last = reading.stats.failures.findLast((failure) => failure.stage === stage.name);
  const error = last === undefined ? '' : `, the last time with "${shortened(last.error)}"`;
  const cure =
    stage.deadLettered > 0
      ? 'look at its dead letters, and try again what may pass by itself (retry)'
      : 'try again what may pass by itself (retry), and keep the rest with onError: { deadLetter }';
  return (
    `"${stage.name}" failed with ${figures.count(failed(stage))} of ${figures.count(stage.in)} items ` +
    `(${figures.percent(failed(stage) / stage.in)})${error}: ${cure}.`
  );
}

function shortened(error: string): string {
  return error.length > LONGEST ? `${error.slice(0, LONGEST)}…` : error;
}

const ENOUGH = 20;
const MANY = 0.05;
const LONGEST = 80;
