import type { Schedule, Task } from './schedule.ts';

/** How a run begins. */
export function describeSchedule({ source, tasks, ending, startsClosed, inFlow }: Schedule): string {
  const how = ending === 'complete' ? '' : ending === 'error' ? ', which fails at its end' : ', which never ends';
  const where = `${inFlow ? ' in a flow' : ''}${startsClosed ? ', with the gate closed' : ''}`;
  return `subscribed to a ${source} source of ${tasks.length} items${how}${where}`;
}

/** What the work on one item does. */
export function describeTask({ kind, duration, values }: Task): string {
  if (kind === 'value' || kind === 'throw' || kind === 'never' || kind === 'silence') return kind;
  if (kind === 'promise' || kind === 'rejection' || kind === 'stubborn') return `${kind} in ${duration}`;
  if (kind === 'burst' || kind === 'pausable') return `${kind} of ${values}`;
  return `${kind} of ${values}, one in ${duration}`;
}

/** A value in a line of a report. */
export function show(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
  } catch {
    return typeof value;
  }
}
