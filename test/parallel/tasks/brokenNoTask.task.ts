/** It only looks like a task. */
export const double = (n: number): number => n * 2;
