import { openSync } from 'node:fs';
import { asyncScheduler } from 'rxjs';

/** A fault that is planted on purpose, to see that a soak finds it. Tests only. */
export type Plant = 'heap' | 'timer' | 'listener' | 'file' | 'loss' | 'rejection';

const PLANTS: readonly Plant[] = ['heap', 'timer', 'listener', 'file', 'loss', 'rejection'];

const kept: Uint32Array[] = [];

/** The faults that the environment asks for, divided by commas. */
export function plantsFrom(value = ''): ReadonlySet<Plant> {
  const words = value.split(',').filter((word) => word !== '');
  const plants = PLANTS.filter((known) => words.includes(known));
  if (plants.length < words.length) throw new Error(`SOAK_PLANTS may be ${PLANTS.join(', ')}`);
  return new Set(plants);
}

/** Does, once a round, what must not be done. */
export function leak(plants: ReadonlySet<Plant>): void {
  if (plants.has('heap')) kept.push(...Array.from({ length: 1_000 }, () => new Uint32Array(8)));
  if (plants.has('timer')) asyncScheduler.schedule(() => {}, 3_600_000);
  if (plants.has('listener')) process.on('SIGWINCH', () => {});
  if (plants.has('file')) openSync(process.execPath, 'r');
  if (plants.has('rejection')) void Promise.reject(new Error('planted'));
}

/** Whether the flow of this number is to lose an item: one of the first, so that other faults are listed, too. */
export function loses(plants: ReadonlySet<Plant>, index: number): boolean {
  return plants.has('loss') && index < LOSING;
}

const LOSING = 10;
