import type { BatchObservableResult, Observable } from '@opentelemetry/api';
import { addUp, Histogram, quantile } from '../../core/telemetry.ts';
import { pointFor, type Names, type Words } from './Tally.ts';

/**
 * How long the work on an item took, as quantiles over all flows that have run since this was last told: of each from its beginning on.
 * They are gauges, because a histogram of OpenTelemetry would have to be told of every single item.
 */
export class Durations {
  readonly instrument: Observable;
  readonly #points = new Map<string, { readonly attributes: Words; work: Histogram }>();

  constructor(instrument: Observable) {
    this.instrument = instrument;
  }

  /** Takes the counts of one flow, in the buckets of `Histogram`. */
  add(buckets: Readonly<Uint32Array>, names: Names): void {
    const part = new Histogram();
    part.buckets = buckets;
    part.count = buckets.reduce((sum, n) => sum + n, 0);
    if (part.count === 0) return;
    addUp(pointFor(this.#points, names, {}, () => ({ work: new Histogram() })).work, part);
  }

  tell(result: BatchObservableResult): void {
    for (const point of this.#points.values()) {
      for (const q of QUANTILES) {
        const ms = quantile(point.work, q);
        if (ms !== undefined) {
          result.observe(this.instrument, ms / 1000, { ...point.attributes, 'sluice.quantile': q });
        }
      }
      point.work = new Histogram();
    }
  }
}

const QUANTILES = [0.5, 0.9, 0.99];
