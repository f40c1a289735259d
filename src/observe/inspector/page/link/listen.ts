import { now } from './now.ts';
import { poll } from './poll.ts';
import type { Message, Sink, Status, Stop } from './Sink.ts';

/**
 * Listens to the server's events. What breaks off is tried again, ever more seldom; a server that has no room for another
 * listener is asked for snapshots meanwhile.
 */
export function listen(sink: Sink): Stop {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopPolling: Stop | undefined;
  let status: Status = { phase: 'connecting', since: now(), tries: 0 };
  open();
  return close;

  function open(): void {
    clearTimeout(timer);
    source?.close();
    const opened = new EventSource('events');
    source = opened;
    if (status.phase !== 'ended') say(status.phase, 1);
    for (const type of ['hello', 'graph', 'tick', 'bye'] as const)
      opened.addEventListener(type, ({ data }: MessageEvent<string>) => hear(type, data));
    opened.addEventListener('error', () => {
      // A closed one was answered, but not with events; one that is only cut off would try again by itself, without saying so.
      const isRefused = opened.readyState === EventSource.CLOSED;
      opened.close();
      if (isRefused && status.phase !== 'ended') return askInstead();
      retry();
    });
  }

  function hear(type: Message['type'], data: string): void {
    stopPolling?.();
    stopPolling = undefined;
    if (type === 'bye') {
      sink.take({ type });
      return say('ended', 0);
    }
    // What a server still says after its last flow is the last picture, unless it has another flow.
    const isOver = status.phase === 'ended' && !(type === 'tick' && /"state":"(running|quitting)"/.test(data));
    if (!isOver && status.phase !== 'live') say('live', 0);
    sink.take({ type, data: JSON.parse(data) as never });
  }

  function askInstead(): void {
    stopPolling ??= poll(sink, (isThere) => {
      if (isThere && status.phase !== 'polling') say('polling', 0);
      if (!isThere && status.phase !== 'lost') say(status.phase === 'connecting' ? 'connecting' : 'lost', 1);
    });
    timer = setTimeout(open, ASK_AGAIN);
  }

  function retry(): void {
    stopPolling?.();
    stopPolling = undefined;
    if (status.phase === 'live' || status.phase === 'polling') say('lost', 0);
    timer = setTimeout(open, status.phase === 'ended' ? ASK_AGAIN : Math.min(250 * 2 ** status.tries, LONGEST));
  }

  /** Begins a phase, or goes on with it after some more tries. */
  function say(phase: Status['phase'], tries: number): void {
    const goesOn = phase === status.phase;
    status = { phase, since: goesOn ? status.since : now(), tries: goesOn ? status.tries + tries : tries };
    sink.status(status);
  }

  function close(): void {
    clearTimeout(timer);
    stopPolling?.();
    source?.close();
  }
}

/** Milliseconds. */
const LONGEST = 4000;
const ASK_AGAIN = 10_000;
