import workerpool from 'workerpool';
import { jobs } from './jobs.ts';

workerpool.worker(jobs);
