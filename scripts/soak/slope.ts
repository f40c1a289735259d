/** A quantity at a time. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How much `y` grows for each 1 of `x`: the slope of the line of least squares. */
export function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean((point) => point.x);
  const y = mean((point) => point.y);
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
}

/** The lowest point of each stretch of `width`: what a collection has not found yet lies above the line that matters. */
export function floor(points: readonly Point[], width: number): readonly Point[] {
  const lowest = new Map<number, Point>();
  for (const point of points) {
    const stretch = Math.floor(point.x / width);
    const found = lowest.get(stretch);
    if (found === undefined || point.y < found.y) lowest.set(stretch, point);
  }
  return [...lowest.values()];
}
