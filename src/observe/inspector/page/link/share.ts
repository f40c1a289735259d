import { poll } from './poll.ts';
import { Said } from './Said.ts';
import type { Message, Sink, Status, Stop } from './Sink.ts';

/** What the tabs of one server say to each other. */
type Word =
  | { readonly from: 'leader'; readonly message: Message }
  | { readonly from: 'leader'; readonly status: Status }
  /** The leader is there, which it says every second; a tab that does not know this one asks what it has missed. */
  | { readonly from: 'leader'; readonly id: string }
  | { readonly from: 'follower' };

/**
 * Lets one of all open tabs listen to the server and pass on what it hears: a browser allows six connections to a server, and
 * the server some dozens in all. The lock goes to the next tab when the one that has it closes or hides. Where the browser
 * has no such locks (they need a secure address), each tab listens for itself.
 */
export function share(sink: Sink, listen: (sink: Sink) => Stop): Stop {
  if (!('locks' in navigator)) return listen(sink);
  const channel = new BroadcastChannel(NAME);
  const ending = new AbortController();
  let stopFollowing: Stop | undefined = follow(channel, sink);
  navigator.locks
    .request(NAME, { signal: ending.signal }, async () => {
      stopFollowing?.();
      stopFollowing = undefined;
      const stop = lead(channel, sink, listen);
      await new Promise<void>((resolve) => {
        if (ending.signal.aborted) resolve();
        ending.signal.addEventListener('abort', () => resolve());
      });
      stop();
    })
    // It was told to stop while it waited for the lock.
    .catch(() => undefined)
    .finally(() => channel.close());
  return () => {
    stopFollowing?.();
    ending.abort();
  };
}

function lead(channel: BroadcastChannel, sink: Sink, listen: (sink: Sink) => Stop): Stop {
  const said = new Said();
  let isFollowed = false;
  const say = (word: Word): void => {
    if (isFollowed) channel.postMessage(word);
  };
  const hear = ({ data }: MessageEvent<Word>): void => {
    if (data.from !== 'follower') return;
    isFollowed = true;
    for (const word of said.all) say({ from: 'leader', ...word });
  };
  channel.addEventListener('message', hear);
  const id = crypto.randomUUID();
  const beat = setInterval(() => channel.postMessage({ from: 'leader', id } satisfies Word), BEAT);
  channel.postMessage({ from: 'leader', id } satisfies Word);
  const stop = listen({
    take(message) {
      sink.take(message);
      said.take(message);
      say({ from: 'leader', message });
    },
    status(status) {
      sink.status(status);
      said.status(status);
      say({ from: 'leader', status });
    },
  });
  return () => {
    stop();
    clearInterval(beat);
    channel.removeEventListener('message', hear);
  };
}

function follow(channel: BroadcastChannel, sink: Sink): Stop {
  let heardAt = performance.now();
  let leader: string | undefined;
  let stopPolling: Stop | undefined;
  const ask = (): void => channel.postMessage({ from: 'follower' } satisfies Word);
  const hear = ({ data }: MessageEvent<Word>): void => {
    if (data.from !== 'leader') return;
    heardAt = performance.now();
    stopPolling?.();
    stopPolling = undefined;
    if ('message' in data) sink.take(data.message);
    else if ('status' in data) sink.status(data.status);
    else if (data.id !== leader) {
      leader = data.id;
      ask();
    }
  };
  channel.addEventListener('message', hear);
  ask();
  const watch = setInterval(() => {
    if (performance.now() - heardAt < SILENCE) return;
    // Its leader is frozen, or there is none yet: then it helps itself, and asks whoever comes next.
    leader = undefined;
    stopPolling ??= poll(sink, (isThere) => {
      sink.status({ phase: isThere ? 'polling' : 'lost', since: performance.timeOrigin + heardAt, tries: 1 });
    });
  }, BEAT);
  return () => {
    clearInterval(watch);
    stopPolling?.();
    channel.removeEventListener('message', hear);
  };
}

const NAME = 'sluice-inspector';
/** Milliseconds. */
const BEAT = 1000;
const SILENCE = 4000;
