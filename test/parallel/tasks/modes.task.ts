import { task } from '../../../src/parallel/task.ts';

interface Place {
  file: string;
}

/** Fails below types and an interface, which take no lines of the JavaScript made of this file. */
export const fails = task(import.meta.url, 'fails', (n: number): Place => {
  throw new RangeError(`${n} is too much`);
});

export const talks = task(import.meta.url, 'talks', (n: number) => {
  console.log(`thread says ${n}`);
  console.error(`thread warns of ${n}`);
  return n;
});

/** What a thread sees of the environment. */
export const reads = task(import.meta.url, 'reads', (name: string) => process.env[name] ?? 'nothing');
