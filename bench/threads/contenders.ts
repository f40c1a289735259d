import type { Contender } from './Contender.ts';

/** The row that the others are compared with. */
export const BASE = 'plain loop';

/** The row of what all of them stand on. */
export const RAW = 'raw postMessage';

/** The row of what the cores can do where nothing has to be said on the way. */
export const CEILING = 'one message a thread';

/** Our own row. */
export const OURS = 'parallel';

/** The pools of others, and how to get hold of each. */
const pools = {
  'threads.js Pool': async () => (await import('./threadsPool.ts')).threadsPool,
  'piscina, 8 a worker': async () => (await import('./piscina.ts')).piscina,
  'tinypool, 8 a worker': async () => (await import('./tinypool.ts')).tinypool,
  workerpool: async () => (await import('./workerpool.ts')).workerpool,
  'poolifier, queues of 8': async () => (await import('./poolifier.ts')).poolifier,
};

/** The rows of the pools of others. */
export const POOLS = Object.keys(pools);

/** How to get hold of each contender, by the name of its row: only the process that measures it loads it. */
export const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  [BASE]: async () => (await import('./sequential.ts')).sequential,
  [CEILING]: async () => (await import('./splitOnce.ts')).splitOnce,
  [RAW]: async () => (await import('./raw.ts')).raw,
  'threads.js calls': async () => (await import('./threadsCalls.ts')).threadsCalls,
  ...pools,
  [`${OURS}, maxBatch: 1`]: async () => (await import('./ours.ts')).ours(false),
  [OURS]: async () => (await import('./ours.ts')).ours(true),
};
