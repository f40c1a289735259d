import type { Sink, Stop } from './Sink.ts';
import type { Snapshot } from './Snapshot.ts';

/**
 * Asks for a snapshot every second, one after the other: for a page that finds no room among those that listen.
 *
 * @param answered Hears after each whether there was one.
 */
export function poll(sink: Pick<Sink, 'take'>, answered: (isThere: boolean) => void, every = 1000): Stop {
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  void ask();
  return () => {
    ending.abort();
    clearTimeout(timer);
  };

  async function ask(): Promise<void> {
    const snapshot = await read();
    if (ending.signal.aborted) return;
    if (snapshot !== undefined) {
      sink.take({ type: 'hello', data: snapshot.hello });
      for (const data of snapshot.graphs) sink.take({ type: 'graph', data });
      sink.take({ type: 'tick', data: snapshot.tick });
    }
    answered(snapshot !== undefined);
    timer = setTimeout(() => void ask(), every);
  }

  async function read(): Promise<Snapshot | undefined> {
    try {
      const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(PATIENCE)]);
      const response = await fetch('snapshot', { signal });
      return response.ok ? ((await response.json()) as Snapshot) : undefined;
    } catch {
      return undefined;
    }
  }
}

const PATIENCE = 5000;
