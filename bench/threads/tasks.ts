import { task } from 'sluice/task';
import type { Item, Result } from './Contender.ts';
import { jobs } from './jobs.ts';

/** The jobs as tasks of ours. */
export const tasks = {
  ofNumber: task<Item, Result>(import.meta.url, 'ofNumber', jobs.ofNumber),
  ofObject: task<Item, Result>(import.meta.url, 'ofObject', jobs.ofObject),
  ofBuffer: task<Item, Result>(import.meta.url, 'ofBuffer', jobs.ofBuffer),
};
