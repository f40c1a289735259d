// Needs Node.js: worker threads.
export { parallel, type ParallelOptions } from './parallel/parallel.ts';
export type { Move } from './parallel/ParallelSettings.ts';
export { ThreadPool, type ThreadPoolOptions } from './parallel/ThreadPool.ts';
export type { ThreadOptions } from './parallel/pool/readThreads.ts';
// The tasks themselves, as in `sluice/task`.
export { task, type Task } from './parallel/task.ts';
export type { TaskContext, TaskOutput } from './parallel/TaskContext.ts';
// What can go wrong.
export { ItemTooLargeError } from './parallel/ItemTooLargeError.ts';
export { NotCloneableError } from './parallel/NotCloneableError.ts';
export { TaskLoadError } from './parallel/TaskLoadError.ts';
export { TaskTimeoutError } from './parallel/TaskTimeoutError.ts';
export { ThreadPoolClosedError } from './parallel/ThreadPoolClosedError.ts';
export { WorkerCrashedError } from './parallel/WorkerCrashedError.ts';
export { WorkerCrashLoopError } from './parallel/WorkerCrashLoopError.ts';
