import { useEffect, useState } from 'preact/hooks';
import type { Durations } from '../flow/Durations.ts';
import type { FlowModel } from '../flow/FlowModel.ts';
import { askHistogram } from '../link/askHistogram.ts';
import { now } from '../link/now.ts';
import { board } from '../pageBoard.ts';

/** Asks every second how long the work of a stage took, as long as it is looked at and its flow runs. */
export function useDurations(flow: FlowModel, stage: string): { durations: Durations; version: number } {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      // What has ended stays as it is: it is asked for once.
      const isLast = flow.hasEnded;
      if (document.visibilityState === 'visible') {
        const buckets = await askHistogram(flow, stage, ending.signal);
        if (ending.signal.aborted) return;
        if (buckets !== undefined) {
          flow.durations(stage).push(now(), buckets);
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
  }, [flow, stage]);
  return { durations: flow.durations(stage), version };
}

const SECOND = 1000;
