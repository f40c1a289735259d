import { workerData } from 'node:worker_threads';

/** Which of its pool's threads this is, from 0; -1 on the main thread. */
export const threadNumber = (workerData as { readonly seat: number } | null)?.seat ?? -1;
