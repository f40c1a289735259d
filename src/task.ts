// Imports nothing of RxJS, so that a thread that needs only this starts quickly.
export { task, type Task } from './parallel/task.ts';
export type { TaskContext, TaskOutput } from './parallel/TaskContext.ts';
