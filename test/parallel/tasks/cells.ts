/** How many tasks have begun. */
export const BEGUN = 0;
/** Whether they may end: 0 while they may not. */
export const OPEN = 1;
/** How many have ended, or values have been made. */
export const MADE = 2;
/** How many were told that nobody wants them any more. */
export const TOLD = 3;

/** What a test and its tasks share, so that a test waits for what happens in a thread and never for a while. */
export function makeCells(isOpen = false): Int32Array {
  const cells = new Int32Array(new SharedArrayBuffer(16));
  if (isOpen) cells[OPEN] = 1;
  return cells;
}

/** Lets everything end that waits for it. */
export function openCells(cells: Int32Array): void {
  Atomics.store(cells, OPEN, 1);
  Atomics.notify(cells, OPEN);
}

/** Keeps a thread until the test lets it go; no longer than the test itself may take. */
export function waitForOpen(cells: Int32Array): void {
  Atomics.wait(cells, OPEN, 0, 30_000);
}
