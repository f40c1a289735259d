interface Point {
  running: number;
  duration: number;
  /** The round in which it was measured. */
  round: number;
}

/** Remembers how long work took with how much of it running, and says whether the one goes with the other. */
export class Correlation {
  #points: Point[] = [];
  #round = 0;

  /** Takes note of a round. What was measured with about as much running is replaced, and what is old forgotten. */
  add(running: number, duration: number): void {
    const round = ++this.#round;
    this.#points = this.#points.filter(
      (point) => round - point.round < KEPT && Math.abs(Math.log(point.running / running)) > ALIKE,
    );
    this.#points.push({ running, duration, round });
  }

  /**
   * Whether, with about `limit` running, work takes longer in proportion to how much of it runs: then more of it at once brings no
   * more of it done. Gives the lowest number for which that is known. (By Little's law it is the same as a throughput that does not
   * grow. The slope of a regression in logarithms is 1 then, and 0 without load; a larger one says that something else changed.)
   */
  saturatedFrom(limit: number): number | undefined {
    const near = this.#points.filter(({ running }) => Math.abs(Math.log(running / limit)) < NEAR);
    if (near.length < FEWEST) return undefined;
    const x = near.map(({ running }) => Math.log(running));
    const y = near.map(({ duration }) => Math.log(duration));
    const [meanX, meanY] = [mean(x), mean(y)];
    const variance = mean(x.map((each) => (each - meanX) ** 2));
    const slope = mean(x.map((each, i) => (each - meanX) * (y[i]! - meanY))) / variance;
    if (variance < SPREAD ** 2 || slope < STEEP || slope > TOO_STEEP) return undefined;
    return Math.min(...near.map(({ running }) => running));
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How many rounds back it remembers. */
const KEPT = 200;
const FEWEST = 3;
/** Logarithms: what counts as the same number running, what as near, and how far what was measured must lie apart. */
const ALIKE = 0.05;
const NEAR = 0.5;
const SPREAD = 0.13;
const STEEP = 0.75;
const TOO_STEEP = 1.5;
