/** Timers that are left running on purpose, until somebody has seen that. */
const left: NodeJS.Timeout[] = [];

/** Starts one that goes on for longer than any check waits. */
export function leaveTimer(): void {
  left.push(setTimeout(() => {}, 60_000));
}

/** Ends them. */
export function clearLeftTimers(): void {
  for (const timer of left.splice(0)) clearTimeout(timer);
}
