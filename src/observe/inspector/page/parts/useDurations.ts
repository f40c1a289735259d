import { useEffect, useRef, useState } from 'preact/hooks';
import type { StageHistogram } from '../../protocol.ts';
import { now } from '../link/now.ts';
import { board } from '../pageBoard.ts';
import { Durations } from '../flow/Durations.ts';
import type { FlowModel } from '../flow/FlowModel.ts';

/** Asks every second how long the work of a stage took, as long as it is looked at and its flow runs. */
export function useDurations(flow: FlowModel, place: number): { durations: Durations; version: number } {
  const durations = useRef(new Durations());
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      // What has ended stays as it is: it is asked for once.
      const isLast = flow.hasEnded;
      if (document.visibilityState === 'visible') {
        const buckets = await read(flow.id, place, ending.signal);
        if (ending.signal.aborted) return;
        if (buckets !== undefined) {
          durations.current.push(now(), buckets);
          if (!board.isPaused.peek()) setVersion((it) => it + 1);
        }
      }
      if (!isLast) timer = setTimeout(() => void ask(), SECOND);
    };
    void ask();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [flow, place]);
  return { durations: durations.current, version };
}

async function read(flow: number, stage: number, ending: AbortSignal): Promise<readonly number[] | undefined> {
  try {
    const signal = AbortSignal.any([ending, AbortSignal.timeout(PATIENCE)]);
    const response = await fetch(`histogram?flow=${flow}&stage=${stage}`, { signal });
    return response.ok ? ((await response.json()) as StageHistogram).buckets : undefined;
  } catch {
    // The program has ended or is busy, which the page says elsewhere.
    return undefined;
  }
}

const SECOND = 1000;
const PATIENCE = 5000;
