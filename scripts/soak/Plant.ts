import { openSync } from 'node:fs';
import { asyncScheduler } from 'rxjs';

/** A fault that is planted on purpose, to see that a soak finds it. Tests only. */
export type Plant = 'heap' | 'timer' | 'listener' | 'file' | 'loss' | 'rejection';

const PLANTS: readonly Plant[] = ['heap', 'timer', 'listener', 'file', 'loss', 'rejection'];

const kept: Uint32Array[] = [];

/** The fault that the environment asks for, if any. */
export function plantFrom(value: string | undefined): Plant | undefined {
  if (value === undefined || value === '') return undefined;
  const plant = PLANTS.find((known) => known === value);
  if (plant === undefined) throw new Error(`SOAK_PLANT must be one of ${PLANTS.join(', ')}`);
  return plant;
}

/** Does, once a round, what must not be done. */
export function leak(plant: Plant | undefined): void {
  if (plant === 'heap') kept.push(...Array.from({ length: 1_000 }, () => new Uint32Array(8)));
  else if (plant === 'timer') asyncScheduler.schedule(() => {}, 3_600_000);
  else if (plant === 'listener') process.on('SIGWINCH', () => {});
  else if (plant === 'file') openSync(process.execPath, 'r');
  else if (plant === 'rejection') void Promise.reject(new Error('planted'));
}
