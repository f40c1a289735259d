import type { GraphStage } from '../../protocol.ts';
import { rate, short } from '../figures/figures.ts';
import { mainly, percents, type StageNow } from '../flow/stageNow.ts';

/** What a node of the graph shows, as it shows it: one that shows the same as before is not drawn again. */
export interface Face {
  readonly name: string;
  readonly kind: GraphStage['kind'];
  readonly rate: string;
  /** `undefined` where nothing is ever held. */
  readonly held: string | undefined;
  /** Busy, idle and held back in percent; `undefined` while that is not known. */
  readonly shares: readonly [number, number, number] | undefined;
  readonly mainly: ReturnType<typeof mainly>;
  /** What went wrong in it, in words. */
  readonly marks: readonly { readonly text: string; readonly isNew: boolean }[];
  readonly isBottleneck: boolean;
  /** All of it, said to somebody who does not see it. */
  readonly spoken: string;
  /** Differs if anything else does. */
  readonly key: string;
}

export function face(stage: GraphStage, now: StageNow, isBottleneck: boolean): Face {
  const shares = now.shares && percents(now.shares);
  const marks = [
    { count: now.failed, word: 'failed', isNew: now.isFailing },
    { count: now.dropped, word: 'dropped', isNew: now.isDropping },
    { count: now.deadLettered, word: 'dead', isNew: false },
  ]
    .filter(({ count }) => count > 0)
    .map(({ count, word, isNew }) => ({ text: `${short(count)} ${word}`, isNew }));
  const shown = {
    name: stage.name,
    kind: stage.kind,
    rate: rate(now.rate),
    held: stage.kind === 'stage' ? short(now.held) : undefined,
    shares,
    mainly: mainly(now.shares),
    marks,
    isBottleneck,
  };
  return { ...shown, spoken: spoken(shown), key: JSON.stringify(shown) };
}

function spoken(shown: Omit<Face, 'spoken' | 'key'>): string {
  const parts = [
    `${shown.name}, ${shown.kind}`,
    shown.isBottleneck ? 'the bottleneck' : '',
    shown.rate.replace('/s', ' a second'),
    shown.held === undefined ? '' : `${shown.held} held`,
    shown.shares === undefined
      ? ''
      : `${shown.shares[0]} % busy, ${shown.shares[1]} % idle, ${shown.shares[2]} % held back`,
    ...shown.marks.map(({ text }) => text),
  ];
  return parts.filter((it) => it !== '').join(', ');
}
