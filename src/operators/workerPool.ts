import type { OperatorFunction } from 'rxjs';
import { checkFunction, type Result, type StageOptions } from '../core/options.ts';
import { execute, type StageOutput } from '../core/execute.ts';
import type { ItemContext } from '../core/slot.ts';
import { pool } from '../core/operatePool.ts';

export type WorkerPoolOptions<T> = StageOptions<T>;

export function workerPool<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: StageOptions<T> & { onError: 'emit' },
): OperatorFunction<T, Result<R, T>>;
export function workerPool<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options?: StageOptions<T>,
): OperatorFunction<T, R>;
export function workerPool<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: StageOptions<T> = {},
): OperatorFunction<T, R> {
  checkFunction('workerPool', 'fn', fn);
  return pool('workerPool', fn.name, options, execute(fn));
}
