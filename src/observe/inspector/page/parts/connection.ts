import { clock, lasted } from '../figures/figures.ts';
import type { Status } from '../link/Sink.ts';

/** How the page stands with the program: in a word, and in a sentence where there is something to say. */
export interface Connection {
  readonly word: string;
  readonly tone: 'good' | 'wait' | 'bad';
  readonly sentence?: string;
}

/**
 * @param heard How many milliseconds ago the last tick came; `undefined` if there was none.
 * @param now The moment, in milliseconds since 1970.
 */
export function connection(status: Status, heard: number | undefined, now: number, address: string): Connection {
  const since = status.since === 0 ? now : status.since;
  const tries = status.tries > 1 ? ` Try ${status.tries}.` : '';
  const picture = heard === undefined ? '' : ' What you see is the last picture.';
  switch (status.phase) {
    case 'connecting':
      return { word: 'connecting', tone: 'wait', sentence: `Connecting to ${address} since ${clock(since)}.${tries}` };
    case 'lost': {
      const sentence = `The connection to ${address} was lost ${lasted(now - since)} ago, at ${clock(since)}: the program has ended or does not answer. Trying again.${tries}${picture}`;
      return { word: 'connection lost', tone: 'bad', sentence };
    }
    case 'ended': {
      const sentence = `The program's last flow ended at ${clock(since)}, and its inspector with it.${picture}`;
      return { word: 'ended', tone: 'wait', sentence };
    }
    default:
      if (heard !== undefined && heard > SILENT)
        return {
          word: 'no answer',
          tone: 'bad',
          sentence: `Nothing has come for ${lasted(heard)}: the program's event loop is blocked, or it was stopped.${picture}`,
        };
      return status.phase === 'live' ? { word: 'live', tone: 'good' } : { word: 'live, once a second', tone: 'good' };
  }
}

/** Milliseconds without a tick after which the page says so. */
const SILENT = 3000;
