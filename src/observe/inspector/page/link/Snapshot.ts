import type { Graph, Hello, Tick } from '../../protocol.ts';

/** `/snapshot` answers with this: everything that `/events` would say at this moment. */
export interface Snapshot {
  readonly hello: Hello;
  readonly graphs: readonly Graph[];
  readonly tick: Tick;
}
