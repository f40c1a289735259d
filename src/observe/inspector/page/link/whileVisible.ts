import type { Stop } from './Sink.ts';

/**
 * Keeps something going while somebody may look: a page that has been in the background for a while gives up its place at
 * the server, and takes one again when it comes back.
 */
export function whileVisible(start: () => Stop, patience = 30_000): Stop {
  let stop: Stop | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = (): void => {
    clearTimeout(timer);
    stop?.();
    stop = undefined;
  };
  const look = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') stop ??= start();
    else timer = setTimeout(pause, patience);
  };
  document.addEventListener('visibilitychange', look);
  // A page that is left may be kept by the browser, to be shown again as it was.
  globalThis.addEventListener('pagehide', pause);
  globalThis.addEventListener('pageshow', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    globalThis.removeEventListener('pagehide', pause);
    globalThis.removeEventListener('pageshow', look);
    pause();
  };
}
