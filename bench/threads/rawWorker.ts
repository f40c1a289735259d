import { parentPort } from 'node:worker_threads';
import type { Item, Job } from './Contender.ts';
import { jobs } from './jobs.ts';

parentPort!.on('message', ([job, item]: [Job, Item]) => {
  parentPort!.postMessage(jobs[job](item));
});
