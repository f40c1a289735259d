import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a stage that keeps all its threads at work. */
export function moreThreads(reading: Reading): string | undefined {
  const { limit: stage, cores } = reading;
  if (stage?.pool === undefined || (reading.utilisation(stage) ?? 0) < SATURATED) return undefined;
  const size = reading.pools().find(({ pool }) => pool === stage.pool)?.threads.length ?? stage.concurrency;
  const each = `${figures.duration(reading.service(stage))} an item, ${figures.rate(reading.rate(stage))} a second`;
  const { concurrency } = stage;
  if (concurrency < Math.min(size, cores)) {
    return (
      `"${stage.name}" keeps ${figures.count(concurrency)} threads at work ${seen()} (${each}), while its pool has ` +
      `${figures.count(size)}: raise its concurrency, which is what holds it to ${figures.count(concurrency)}.`
    );
  }
  if (size >= cores * 2) {
    return (
      `"${stage.name}" has ${figures.count(size)} threads on ${cores} cores (${each}): if it computes, they wait for each ` +
      `other, and ${cores} would do as much with less memory.`
    );
  }
  if (size >= cores) return undefined; // As fast as the machine is.
  const next = reading.next(stage);
  const most = Math.min(cores / size, next.factor);
  if (most < LITTLE) return undefined;
  const why = next.factor < cores / size ? `, when ${next.who} becomes the limit` : ', one for each core';
  const one = Math.min(1 / size, most - 1);
  const further =
    size + 1 < cores && one < most - 1
      ? `, and ${figures.count(Math.ceil(size * most))} make it ${figures.times(most)} times as fast${why}`
      : why;
  return (
    `"${stage.name}" keeps its ${threads(size)} at work ${seen()} (${each}) on ${cores} cores: ` +
    `one more thread brings ${figures.percent(one)}${further}.`
  );

  function seen(): string {
    return `${figures.percent(reading.utilisation(stage!)!)} of the time`;
  }
}

function threads(count: number): string {
  return count === 1 ? 'thread' : `${figures.count(count)} threads`;
}

const SATURATED = 0.85;
const LITTLE = 1.1;
