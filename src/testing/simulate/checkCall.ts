import type { Item } from './Item.ts';
import type { Scene } from './Scene.ts';

/** What must hold when the function is called for an item. */
export function checkCall(scene: Scene, item: Item): void {
  const { journal, gate, rules, isOver } = scene;
  const { index, state } = item;
  if (isOver) journal.break('after the end', `item ${index} begins after the end`);
  if (state === 'unsent') journal.break('conservation', `item ${index} begins before it arrived`);
  else if (state !== 'sent') journal.break('conservation', `item ${index} begins twice`);
  if (!gate.isOpen && !rules.isChain) journal.break('gate', `item ${index} begins while the gate below is closed`);
}

/** What must hold once the item counts as running. */
export function checkRunning(scene: Scene, item: Item): void {
  const { items, journal, limit, rules } = scene;
  const { index, context } = item;
  const running = items.running();
  if (running > limit) journal.break('concurrency', `${running} items run, where ${limit} may`);
  if (rules.key !== undefined) checkKey(scene, item);
  if (context === undefined)
    return journal.break('cancellation', `the function was called with no signal for item ${index}`);
  // Read early for one half of the items, and late for the other.
  if (index % 2 === 0 && context.signal.aborted)
    journal.break('cancellation', `the signal of item ${index} has aborted before it begins`);
  // In a chain, what comes before may have left some out.
  if (!rules.isChain && context.index !== index)
    journal.break('conservation', `item ${index} has the index ${context.index}`);
}

function checkKey({ items, journal, rules }: Scene, item: Item): void {
  const running = items.running(item);
  const earlier = items.all.find(({ index, key, state }) => index < item.index && key === item.key && state === 'sent');
  if (running > rules.perKey)
    journal.break('concurrency', `${running} items of one key run, where ${rules.perKey} may`);
  if (earlier !== undefined)
    journal.break('order', `item ${item.index} begins before item ${earlier.index} of its key`);
}
