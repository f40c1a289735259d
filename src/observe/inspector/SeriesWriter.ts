/** The labels of one series: always the same keys for one metric. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Writes metrics in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). One metric has at
 * most 1,000 series: what comes beyond goes into one whose labels are all `other`. Values for the same labels
 * are added up.
 */
export class SeriesWriter {
  readonly #lines: string[] = [];
  /** Labels as they are written: many metrics have the same. */
  readonly #keys = new WeakMap<Labels, string>();

  counter(name: string, help: string, values: Iterable<readonly [Labels, number]>): void {
    this.#metric('counter', name, help, values);
  }

  gauge(name: string, help: string, values: Iterable<readonly [Labels, number]>): void {
    this.#metric('gauge', name, help, values);
  }

  /** Takes for each series how many were in each bucket, not summed up. Bounds are seconds; what is longer belongs to the last. */
  histogram(
    name: string,
    help: string,
    bounds: readonly number[],
    values: Iterable<readonly [Labels, { readonly counts: readonly number[]; readonly sum: number }]>,
  ): void {
    const series = new Map<string, { counts: number[]; sum: number }>();
    for (const [labels, { counts, sum }] of values) {
      const key = this.#keyOf(series, labels);
      const before = series.get(key);
      series.set(key, {
        counts: counts.map((count, i) => count + (before?.counts[i] ?? 0)),
        sum: sum + (before?.sum ?? 0),
      });
    }
    this.#head('histogram', name, help, series.size);
    for (const [labels, { counts, sum }] of series) {
      let total = 0;
      for (const [i, count] of counts.entries()) {
        total += count;
        const bound = bounds[i];
        if (bound !== undefined) this.#lines.push(`${name}_bucket{${labels},le="${bound}"} ${total}`);
      }
      this.#lines.push(`${name}_bucket{${labels},le="+Inf"} ${total}`);
      this.#lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${total}`);
    }
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  #metric(type: string, name: string, help: string, values: Iterable<readonly [Labels, number]>): void {
    const series = new Map<string, number>();
    for (const [labels, value] of values) {
      const key = this.#keyOf(series, labels);
      series.set(key, (series.get(key) ?? 0) + value);
    }
    this.#head(type, name, help, series.size);
    for (const [labels, value] of series) this.#lines.push(`${name}{${labels}} ${written(value)}`);
  }

  /** The labels as they are written, or those of the series for all that come beyond the bound. */
  #keyOf(series: ReadonlyMap<string, unknown>, labels: Labels): string {
    let key = this.#keys.get(labels);
    if (key === undefined) this.#keys.set(labels, (key = keyFor(labels, escaped)));
    return series.has(key) || series.size < MAX_SERIES - 1 ? key : keyFor(labels, () => 'other');
  }

  #head(type: string, name: string, help: string, size: number): void {
    if (size > 0) this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }
}

function keyFor(labels: Labels, valueOf: (label: string) => string): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}="${valueOf(value)}"`)
    .join(',');
}

function escaped(value: string): string {
  const short = value.length > MAX_LABEL ? `${value.slice(0, MAX_LABEL - 1)}…` : value;
  return short
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function written(value: number): string {
  if (value === Infinity) return '+Inf';
  return Number.isFinite(value) ? String(value) : 'NaN';
}

const MAX_SERIES = 1000;
const MAX_LABEL = 200;
