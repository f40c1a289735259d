/** A layer of a plot. */
export interface Mark {
  readonly plot: unknown;
}

type Value = string | number | Date | null | undefined;

/** What a mark takes from each datum: a constant, or a function of the datum. */
export type Channel<T> = Value | ((datum: T, index: number) => Value);

/** The options of a mark that this example gives as functions, and any others that Plot knows. */
export interface MarkOptions<T> {
  x?: Channel<T>;
  x1?: Channel<T>;
  x2?: Channel<T>;
  y?: Channel<T>;
  y1?: Channel<T>;
  y2?: Channel<T>;
  r?: Channel<T>;
  fill?: Channel<T>;
  stroke?: Channel<T>;
  text?: Channel<T>;
  title?: Channel<T>;
  [option: string]: unknown;
}

/** The size, scales and marks of a plot; see https://observablehq.com/plot/features/plots */
export interface PlotOptions {
  width: number;
  height: number;
  marks: readonly (Mark | null)[];
  [option: string]: unknown;
}

type Layer = <T>(data: Iterable<T>, options?: MarkOptions<T>) => Mark;

export const areaY: Layer;
export const barX: Layer;
export const barY: Layer;
export const cell: Layer;
export const dot: Layer;
export const lineY: Layer;
export const ruleX: Layer;
export const ruleY: Layer;
export const text: Layer;
export const tickX: Layer;
export function geo(geometry: object, options?: MarkOptions<object>): Mark;
export function axisX(options?: MarkOptions<never>): Mark;
export function axisY(options?: MarkOptions<never>): Mark;
export function gridX(options?: MarkOptions<never>): Mark;
export function gridY(options?: MarkOptions<never>): Mark;

/** Draws a plot as SVG text, with coordinates to a tenth of a pixel. */
export function svg(options: PlotOptions): string;
