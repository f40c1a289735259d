import type { Point } from './layout.ts';
import { neighbour } from './neighbour.ts';

/** What is looked at of a `KeyboardEvent`. */
interface KeyPress {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** Finds the node that a key leads to; `undefined` if it leads nowhere, or is one of the browser's. */
export function keyTarget(nodes: readonly Point[], from: number, press: KeyPress): number | undefined {
  if (press.altKey || press.ctrlKey || press.metaKey) return undefined;
  switch (press.key) {
    case 'Home':
      return 0;
    case 'End':
      return nodes.length - 1;
    default:
      return neighbour(nodes, from, press.key);
  }
}
