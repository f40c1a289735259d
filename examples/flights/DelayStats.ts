/** From this many minutes on, a flight counts as late. The U.S. Department of Transportation draws the line there too. */
export const LATE_FROM = 15;

/** The delays of a group of flights. All figures are exact. */
export interface DelayStats {
  readonly flights: number;
  /** The sum of all delays, in minutes; flights ahead of schedule subtract from it. */
  readonly delayMinutes: number;
  /** How many flights were `LATE_FROM` minutes late or more. */
  readonly late: number;
  readonly meanDelay: number;
  /** The smallest delay that at least nine of ten flights did not exceed. */
  readonly p90Delay: number;
  /** `late` as a share of `flights`, from 0 to 1. */
  readonly lateShare: number;
}

/** Some delays in ascending order, and how many flights had each. */
export interface Distribution {
  readonly delays: readonly number[];
  readonly counts: readonly number[];
}

/** Sums up a distribution; `undefined` where it has no flights. */
export function delayStats({ delays, counts }: Distribution): DelayStats | undefined {
  let flights = 0;
  let delayMinutes = 0;
  let late = 0;
  for (let i = 0; i < delays.length; i++) {
    const delay = delays[i]!;
    const count = counts[i]!;
    flights += count;
    delayMinutes += delay * count;
    if (delay >= LATE_FROM) late += count;
  }
  if (flights === 0) return undefined;
  const p90Delay = delays[ninthDecile(counts, flights)]!;
  return { flights, delayMinutes, late, meanDelay: delayMinutes / flights, p90Delay, lateShare: late / flights };
}

/** The nearest-rank percentile: the place of the value of rank ceil(0.9 n). */
function ninthDecile(counts: readonly number[], flights: number): number {
  const rank = Math.ceil((flights * 9) / 10);
  let seen = 0;
  return counts.findIndex((count) => (seen += count) >= rank);
}
