import { task } from '../../../src/parallel/task.ts';

export const early = task(import.meta.url, 'early', () => isWhole);
let isWhole = false;

await new Promise((resolve) => setTimeout(resolve, 300));
isWhole = true;

export const late = task(import.meta.url, 'late', () => isWhole);
