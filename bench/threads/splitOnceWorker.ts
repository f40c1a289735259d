import { parentPort } from 'node:worker_threads';
import type { Item, Job } from './Contender.ts';
import { jobs } from './jobs.ts';
import { valueOf } from './valueOf.ts';

parentPort!.on('message', ([job, items]: [Job, readonly Item[]]) => {
  const doJob = jobs[job];
  let sum = 0;
  for (const item of items) sum += valueOf(doJob(item));
  parentPort!.postMessage(sum);
});
