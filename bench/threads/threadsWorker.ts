import { createRequire } from 'node:module';
import { jobs } from './jobs.ts';

const threads = createRequire(import.meta.url)('threads/worker') as { expose(functions: object): void };

threads.expose(jobs);
