import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a stage that was sent more than it may hold. */
export function overrun(reading: Reading): string | undefined {
  const [stage] = reading.stages.toSorted((a, b) => b.overrun - a.overrun);
  if (stage === undefined || stage.overrun < ENOUGH) return undefined;
  return (
    `"${stage.name}" was sent ${figures.count(stage.overrun)} of its ${figures.count(stage.in)} items while it held all it may, ` +
    `by something that cannot be paused, and held up to ${figures.count(stage.peak)}: ` +
    `use fromIterable instead of from, or put buffered({ capacity, overflow }) above it.`
  );
}

/** Fewer take up no memory to speak of. */
const ENOUGH = 20;
