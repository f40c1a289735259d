import { read, readKnown } from './fields.ts';
import type { FlowModel } from './FlowModel.ts';

/** What a stage does now; once its flow has ended, what it did on the whole. */
export interface StageNow {
  /** Values that leave, and items that arrive, a second. */
  readonly rate: number;
  readonly arriving: number;
  readonly held: number;
  /** Shares of the time, which make up 1; `undefined` while no time has passed. */
  readonly shares: Shares | undefined;
  readonly failed: number;
  readonly dropped: number;
  readonly deadLettered: number;
  /** Whether something failed, or was dropped, in the last seconds. */
  readonly isFailing: boolean;
  readonly isDropping: boolean;
  readonly p50: number | undefined;
}

export interface Shares {
  readonly busy: number;
  readonly idle: number;
  readonly heldBack: number;
}

export function stageNow(flow: FlowModel, place: number): StageNow {
  const { recent, tick, hasEnded } = flow;
  const row = tick?.stages[place];
  const seconds = (hasEnded ? (tick?.elapsed ?? 0) : recent.time) / 1000;
  const grown = (field: Parameters<typeof read>[1]): number =>
    hasEnded ? read(row, field) : recent.grown(place, field);
  const each = (amount: number): number => (seconds > 0 ? Math.max(amount, 0) / seconds : 0);
  return {
    rate: each(grown('out')),
    arriving: each(grown('in')),
    held: read(row, 'held'),
    shares: sharesOf(grown('busy'), grown('idle'), grown('heldBack')),
    failed: read(row, 'failed'),
    dropped: read(row, 'dropped'),
    deadLettered: read(row, 'deadLettered'),
    isFailing: !hasEnded && grown('failed') > 0,
    isDropping: !hasEnded && grown('dropped') > 0,
    p50: readKnown(row, 'p50'),
  };
}

/** Gives times as shares; `undefined` if all are nothing. */
function sharesOf(...[busy, idle, heldBack]: [number, number, number]): Shares | undefined {
  const times = [busy, idle, heldBack].map((it) => Math.max(it, 0)) as [number, number, number];
  const all = times[0] + times[1] + times[2];
  return all > 0 ? { busy: times[0] / all, idle: times[1] / all, heldBack: times[2] / all } : undefined;
}

/** What a stage does most, in a word. */
export function mainly(shares: Shares | undefined): 'busy' | 'idle' | 'held back' | 'unknown' {
  if (shares === undefined) return 'unknown';
  const { busy, idle, heldBack } = shares;
  if (heldBack >= busy && heldBack >= idle) return 'held back';
  return busy >= idle ? 'busy' : 'idle';
}

/** Gives shares as whole percents that make up 100. */
export function percents({ busy, idle, heldBack }: Shares): [busy: number, idle: number, heldBack: number] {
  const exact = [busy, idle, heldBack].map((it) => it * 100);
  const whole = exact.map(Math.floor);
  const rest = exact
    .map((it, i) => ({ i, lost: it - whole[i]! }))
    .toSorted((a, b) => b.lost - a.lost)
    .slice(0, 100 - whole.reduce((sum, it) => sum + it, 0));
  for (const { i } of rest) whole[i]!++;
  return whole as [number, number, number];
}
