import { ThreadWorker } from 'poolifier';
import type { Item, Result } from './Contender.ts';
import { jobs } from './jobs.ts';

export default new ThreadWorker<Item, Result>(jobs as Record<string, (item?: Item) => Result>);
