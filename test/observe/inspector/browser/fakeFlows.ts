import { FakeFlow, type FakeStage } from './FakeFlow.ts';

/** Photographs that are read, made smaller on threads, and stored; the store is too slow. */
export function photographs(flow = 1): FakeFlow {
  const fake = new FakeFlow(flow, 'photographs', [
    {
      name: 'list files',
      kind: 'source',
      to: [1],
      total: 50_000,
      perSecond: { out: 820, completed: 820, busy: 40, idle: 30, heldBack: 930 },
    },
    {
      name: 'read',
      to: [2],
      perSecond: { out: 815, completed: 815, failed: 5, busy: 210, idle: 40, heldBack: 750 },
      fixed: { held: 8, peak: 8, concurrency: 8, used: 3.4, p50: 2.1, p90: 4.6, p99: 11, waited: 0.4 },
    },
    {
      name: 'decode',
      kind: 'stretch',
      to: [3],
      perSecond: { out: 815, completed: 815 },
    },
    {
      name: 'resize',
      to: [4, 5],
      pool: 'pictures',
      perSecond: { out: 812, completed: 812, deadLettered: 1, retried: 2, busy: 480, idle: 60, heldBack: 460 },
      fixed: { held: 24, peak: 32, concurrency: 4, used: 2.2, p50: 4.2, p90: 7.9, p99: 18, waited: 21 },
    },
    {
      name: 'thumbnails',
      to: [6],
      perSecond: { out: 240, completed: 240, dropped: 570, busy: 90, idle: 890, heldBack: 20 },
      fixed: { held: 3, peak: 64, concurrency: 2, used: 0.2, p50: 0.3, p90: 0.6, p99: 1.2 },
    },
    {
      name: 'store',
      to: [6],
      perSecond: { out: 812, completed: 812, busy: 945, idle: 50, heldBack: 5 },
      fixed: { held: 16, peak: 16, concurrency: 4, used: 3.8, p50: 18.4, p90: 31, p99: 95, waited: 44 },
    },
    {
      name: 'count',
      perSecond: { out: 1052, completed: 1052, busy: 12, idle: 988 },
      fixed: { concurrency: 1, used: 0.01, p50: 0.004, p90: 0.007, p99: 0.02 },
    },
  ]);
  fake.threads = [0, 1, 2, 3].map((thread) => ({
    pool: 'pictures',
    thread,
    state: thread === 3 ? 'idle' : 'working',
    ...(thread === 3 ? {} : { stage: 'resize', item: 4120 + thread, since: thread === 1 ? 12_400 : 3 }),
    busy: 0,
    time: 0,
    items: 1030 + thread * 7,
    restarts: thread === 2 ? 1 : 0,
    external: 18_400_000 + thread * 2_000_000,
    heap: 9_600_000 + thread * 700_000,
  }));
  fake.gauges = [
    { kind: 'circuit breaker', name: 'storage', state: 'half-open', figures: { failures: 7, opened: 2 } },
    { kind: 'rate limit', name: 'requests', figures: { limit: 900, waiting: 12, 'waited ms': 3.2 } },
  ];
  fake.failures = [
    {
      at: 1900,
      stage: 'read',
      error: "Error: ENOENT: no such file or directory, open 'b/0412.jpg'",
      index: 412,
      item: "'b/0412.jpg'",
    },
    {
      at: 4300,
      stage: 'resize',
      error: 'TaskTimeoutError: took longer than 5000 ms',
      index: 3307,
      item: "{ path: 'c/3307.jpg', bytes: 18223112 }",
      attempt: 2,
    },
  ];
  fake.more = {
    bottleneck: {
      stage: 5,
      why: 'it was at work 95 % of the time and held back 1 %, while "resize" above it was held back 46 %',
    },
    advice: [
      '"store" limits the flow (18.4 ms an item at 4 at once): raise its concurrency if it waits for something outside this process, or make its work cheaper.',
    ],
    notes: { 3: '4 threads of pool "pictures", batches of 8' },
    droppedFor: { 4: { 'oldest gave way': 400, 'too large': 170 } },
  };
  return fake;
}

/** Rows of stages, each of which gives to the next row. */
export function manyStages(count: number, across = 10): FakeFlow {
  const stages = Array.from({ length: count }, (_, place): FakeStage => {
    const below = [place + across, ...(place % 4 === 0 ? [place + across + 1] : [])].filter((it) => it < count);
    const busy = (place * 37) % 1000;
    return {
      name: `stage ${place}`,
      kind: place < across ? 'source' : 'stage',
      to: below,
      perSecond: {
        out: 100 + place,
        completed: 100 + place,
        busy,
        idle: (1000 - busy) / 2,
        heldBack: (1000 - busy) / 2,
      },
      fixed: { held: place % 17, concurrency: 4, p50: 1, p90: 2, p99: 3 },
    };
  });
  return new FakeFlow(1, 'many stages', stages);
}
