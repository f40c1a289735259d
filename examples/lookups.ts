/**
 * A slow service that many ask the same: each question is asked once, over one connection, and a group of callers ends together.
 *
 *     npm run example lookups
 *
 * Prints how many questions there were and how often the service was asked; what happens to those who wait when a question is asked by
 * nobody any more; and how the first error of a group cancels the others.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ErrGroup, getOrCompute, once } from 'sluice';

const TOWNS = ['Amsterdam', 'Bergen', 'Cardiff', 'Dublin', 'Esbjerg', 'Faro', 'Graz', 'Hamburg'];
const QUESTIONS = 400;

const quit = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.exitCode = signal === 'SIGINT' ? 130 : 143;
    quit.abort(new Error(signal));
  });
}

let connections = 0;
/** Whoever comes first opens the connection, and the others wait for the same one. */
const connect = once(async () => {
  connections++;
  await sleep(20);
  return { ask: async (town: string, signal: AbortSignal) => sleep(30, town.length, { signal }) };
});

let asked = 0;
let cancelled = 0;
const lengths = getOrCompute<string, number>({
  max: 100,
  ttl: 60_000,
  compute: async (town, { signal }) => {
    asked++;
    signal.addEventListener('abort', () => cancelled++);
    const { ask } = await connect();
    if (town === 'Atlantis') throw new Error('there is no such town');
    return ask(town, signal);
  },
});

async function all(): Promise<void> {
  const group = new ErrGroup({ limit: 50, signal: quit.signal });
  let sum = 0;
  for (let i = 0; i < QUESTIONS; i++) {
    await group.go(async ({ signal }) => {
      const length = await lengths.get(TOWNS[i % TOWNS.length]!, { signal });
      sum += length;
    });
  }
  await group.wait();
  console.log(`${QUESTIONS} questions: asked ${asked} times over ${connections} connection, sum ${sum}`);
}

async function nobody(): Promise<void> {
  const patience = new AbortController();
  const answer = lengths.get('Istanbul', { signal: patience.signal });
  setTimeout(() => patience.abort(new Error('too slow')), 5);
  const reason = await answer.catch((error: unknown) => (error as Error).message);
  console.log(`nobody waits any more (${String(reason)}): ${cancelled} question withdrawn`);
}

async function together(): Promise<void> {
  const group = new ErrGroup({ signal: quit.signal });
  let ended = 0;
  for (const town of ['Lisbon', 'Madrid', 'Atlantis', 'Naples']) {
    void group.go(async ({ signal }) => {
      try {
        await lengths.get(town, { signal });
        await sleep(10_000, undefined, { signal });
      } finally {
        ended++;
      }
    });
  }
  const error = await group.wait().catch((failure: unknown) => failure as Error);
  console.log(`a group of 4: "${error?.message}", and ${ended} of 4 have ended`);
}

try {
  await all();
  await nobody();
  await together();
} catch (error) {
  if (!quit.signal.aborted) throw error;
  console.log(`stopped: ${(error as Error).message}`);
}
