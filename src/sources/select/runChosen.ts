import type { OperatorFunction } from 'rxjs';
import { execute, type StageOutput } from '../../core/execute.ts';
import { pool } from '../../core/operatePool.ts';
import type { ItemContext } from '../../core/slot.ts';

/** What has been chosen: runs the function of the case with its item. */
export type Chosen<R> = (context: ItemContext) => StageOutput<R>;

/** The stage that runs what has been chosen, one after the other. */
export function runChosen<R>({ name }: { readonly name: string }): OperatorFunction<Chosen<R>, R> {
  return pool<Chosen<R>, R>(
    'select',
    name,
    { name, capacity: 0 },
    execute((chosen, context) => chosen(context)),
  );
}
