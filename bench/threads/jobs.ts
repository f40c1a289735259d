import type { Item, Job, Result } from './Contender.ts';
import { ofBuffer, ofNumber, ofObject } from './work.ts';

/** The jobs by their names. A name always comes with an item of its kind. */
export const jobs = { ofNumber, ofObject, ofBuffer } as Readonly<Record<Job, (item: Item) => Result>>;
