import type { Lane } from './Lanes.ts';

/** The lanes in which items wait, the one that is due next in front: a binary heap. */
export class DueLanes<T> {
  readonly #lanes: Lane<T>[] = [];

  /** The one that is due next. */
  get first(): Lane<T> | undefined {
    return this.#lanes[0];
  }

  /** Takes in a lane in which an item has begun to wait. */
  push(lane: Lane<T>): void {
    const lanes = this.#lanes;
    const { due } = lane.pace;
    let at = lanes.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (lanes[above]!.pace.due <= due) break;
      lanes[at] = lanes[above]!;
      at = above;
    }
    lanes[at] = lane;
  }

  /** Puts the first lane where it belongs after an item of it has passed; lets it go if none waits any more. */
  settle(): void {
    const lane = this.#lanes[0]!;
    if (lane.isWaiting) return this.#sink(lane);
    const last = this.#lanes.pop()!;
    if (this.#lanes.length > 0) this.#sink(last);
  }

  clear(): void {
    this.#lanes.length = 0;
  }

  #sink(lane: Lane<T>): void {
    const lanes = this.#lanes;
    const { due } = lane.pace;
    let at = 0;
    for (let below = 1; below < lanes.length; below = 2 * at + 1) {
      if (below + 1 < lanes.length && lanes[below + 1]!.pace.due < lanes[below]!.pace.due) below++;
      if (lanes[below]!.pace.due >= due) break;
      lanes[at] = lanes[below]!;
      at = below;
    }
    lanes[at] = lane;
  }
}
