import type { FlowTick, Graph } from '../../protocol.ts';
import { lasted, whole } from '../figures/figures.ts';

/** What a person wants to know first: how the flow is, which stage the others wait for, and why. */
export interface Verdict {
  readonly mood: 'calm' | 'bottleneck' | 'bad';
  /** What became of the flow, where it has ended. */
  readonly ended: string | undefined;
  /** The stage that the others wait for, by its place. */
  readonly stage: number | undefined;
  /** Follows the name of the stage, or stands alone where there is none. */
  readonly text: string;
  /** How that shows. */
  readonly why: string;
}

export function verdict(graph: Graph, tick: FlowTick | undefined): Verdict {
  if (tick === undefined) return calm('Nothing is known of this flow yet.', '');
  const ended = end(tick);
  const mood = tick.state === 'failed' || tick.state === 'aborted' ? 'bad' : undefined;
  const { bottleneck } = tick;
  if (bottleneck !== undefined && graph.stages[bottleneck.stage] !== undefined)
    return {
      mood: mood ?? 'bottleneck',
      ended,
      stage: bottleneck.stage,
      text: ended === undefined ? 'is the bottleneck: the flow goes as fast as this stage.' : 'was the bottleneck.',
      why: sentence(bottleneck.why),
    };
  const text = ended === undefined ? 'No stage is the bottleneck.' : 'No stage was the bottleneck.';
  const why = sentence(tick.noBottleneck ?? 'none was at work most of the time');
  return { ...calm(text, why), mood: mood ?? 'calm', ended };
}

function end(tick: FlowTick): string | undefined {
  const after = `after ${lasted(tick.elapsed)}`;
  const results = `${whole(tick.results)} ${tick.results === 1 ? 'result' : 'results'}`;
  const lost = tick.abandoned ? `, ${whole(tick.abandoned)} items abandoned` : '';
  const why = tick.reason === undefined ? '.' : `: ${tick.reason}`;
  switch (tick.state) {
    case 'completed':
      return `Completed ${after} with ${results}.`;
    case 'quit':
      return `Ended ${after} as it was told to, with everything in flight finished and ${results}.`;
    case 'aborted':
      return `Aborted ${after}, ${results}${lost}${why}`;
    case 'failed':
      return `Failed ${after}, ${results}${lost}${why}`;
    default:
      return undefined;
  }
}

function calm(text: string, why: string): Verdict {
  return { mood: 'calm', ended: undefined, stage: undefined, text, why };
}

/** With a capital at its beginning and a stop at its end. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
