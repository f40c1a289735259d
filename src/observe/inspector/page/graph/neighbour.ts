import { NODE, type Point } from './layout.ts';

const WAYS = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
} as const;

/** Finds the node that lies next in the direction of an arrow key; `undefined` if there is none, or it is another key. */
export function neighbour(nodes: readonly Point[], from: number, key: string): number | undefined {
  const start = nodes[from];
  if (start === undefined || !Object.hasOwn(WAYS, key)) return undefined;
  const way = WAYS[key as keyof typeof WAYS];
  let best: number | undefined;
  let least = Infinity;
  for (const [place, { x, y }] of nodes.entries()) {
    const ahead = (x - start.x) * way.x + (y - start.y) * way.y;
    // What overlaps it in this direction lies beside it, not ahead.
    if (ahead < (way.x === 0 ? NODE.height : NODE.width) / 2) continue;
    const aside = Math.abs((x - start.x) * way.y) + Math.abs((y - start.y) * way.x);
    // What lies one step ahead and aside is nearer than what lies two steps straight ahead.
    const far = ahead * 2 + aside;
    if (far < least) [best, least] = [place, far];
  }
  return best;
}
