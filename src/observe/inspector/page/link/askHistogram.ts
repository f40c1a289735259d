import type { StageHistogram } from '../../protocol.ts';
import type { FlowModel } from '../flow/FlowModel.ts';

/** Asks how long the work of a stage took since the beginning; `undefined` if there is no answer, or one that is another stage's. */
export async function askHistogram(
  flow: FlowModel,
  stage: string,
  ending: AbortSignal,
): Promise<readonly number[] | undefined> {
  // Where it stands now: a picture that is held still has another graph.
  const place = flow.graph.stages.findIndex(({ name }) => name === stage);
  if (place < 0) return undefined;
  try {
    const signal = AbortSignal.any([ending, AbortSignal.timeout(PATIENCE)]);
    const response = await fetch(`histogram?flow=${flow.id}&stage=${place}`, { signal });
    if (!response.ok) return undefined;
    const { name, buckets } = (await response.json()) as Partial<StageHistogram>;
    // The server may have a graph by now that the page has not heard of.
    return name === undefined || name === stage ? buckets : undefined;
  } catch {
    // The program has ended or is busy, which the page says elsewhere.
    return undefined;
  }
}

const PATIENCE = 5000;
