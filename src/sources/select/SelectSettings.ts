import type { Observable } from 'rxjs';
import type { StageOutput } from '../../core/execute.ts';
import type { ItemContext } from '../../core/slot.ts';

/** One case: where its item comes from, and what is done with it. */
export interface Case {
  readonly source: Observable<unknown>;
  readonly fn: (item: unknown, context: ItemContext) => StageOutput<unknown>;
}

/** The checked arguments of `select`. */
export interface SelectSettings {
  readonly name: string;
  readonly cases: readonly Case[];
  readonly timeout: { readonly ms: number; readonly fn: (context: ItemContext) => StageOutput<unknown> } | undefined;
  readonly otherwise: ((context: ItemContext) => StageOutput<unknown>) | undefined;
  readonly fairness: 'random' | 'rotate' | 'order';
  readonly random: () => number;
  readonly repeats: boolean;
}
