import { isDeepStrictEqual } from 'node:util';
import { show } from './describe.ts';
import type { Simulation } from './Simulation.ts';

/** What must be the case at the moment at which a flow ends, before whoever ended it goes on. */
export function checkEnd(sim: Simulation): void {
  const { journal, probe, rules } = sim;
  // In a chain, an operator of RxJS may tell of an error before it lets go of what is above it.
  if (!rules.isChain) checkCancelled(sim);
  if (probe.ended === 'completed') checkCompleted(sim);
  if (probe.ended === 'failed' && !sim.failures.includes(probe.error) && !sim.rules.mayFail(probe.error))
    journal.break('error', `the flow fails with ${show(String(probe.error))}, which nothing failed with`);
}

function checkCancelled({ journal, items }: Simulation): void {
  for (const { index, state, context } of items.all) {
    if (state === 'running' && context?.signal.aborted === false)
      journal.break('cancellation', `the signal of item ${index} has not aborted`);
  }
}

/** A flow completes when its source has, and everything that was sent has come out or is accounted for. */
function checkCompleted(sim: Simulation): void {
  const { journal, items, rules, source, flow } = sim;
  if (sim.failures.length > 0) journal.break('error', `the flow completes, although ${String(sim.failures[0])}`);
  if (!source.isEnded) journal.break('completion', 'the flow completes before its source');
  const unfinished = items.all.find((item) => item.isUnfinished);
  if (unfinished !== undefined) journal.break('completion', `the flow completes while item ${unfinished.index} runs`);
  const held = items.all.filter((item) => item.isHeld);
  const counted = (flow?.stages ?? []).reduce((sum, { telemetry: t }) => sum + t.dropped + t.merged, 0) - items.told;
  // Without a flow nobody counts.
  const mayBeLost = rules.drops && (flow === undefined || counted === held.length);
  if (held.length > 0 && !mayBeLost)
    journal.break('conservation', `item ${held.map(({ index }) => index).join(', ')} is lost`);
  const sent = items.all.filter(({ state }) => state !== 'unsent').map(({ index }) => index);
  const expected = rules.expected?.(sent);
  if (expected !== undefined && !isDeepStrictEqual(sim.values, [...expected]))
    journal.break('conservation', `${show(sim.values)} came out, where ${show(expected)} was expected`);
  checkCounters(sim);
}

/** Where there is one stage, it must have counted what was seen. */
function checkCounters({ journal, flow, probe, values, rules }: Simulation): void {
  // Below it an operator may make more values, or fewer.
  if (rules.isChain) return;
  const [stage, ...others] = flow?.stages ?? [];
  if (stage === undefined || others.length > 0) return;
  const { out, abandoned } = stage.telemetry;
  if (out !== values.length)
    journal.break('conservation', `${values.length} came out, and "${stage.name}" counts ${out}`);
  if (probe.ended === 'completed' && abandoned > 0)
    journal.break('conservation', `"${stage.name}" abandons ${abandoned} items and completes`);
}

/** What must be the case once a flow has ended and every promise has had its turn. */
export function checkReleased(sim: Simulation): void {
  const { journal, source, probe, flow, clock, items, isListenedTo } = sim;
  checkCancelled(sim);
  sim.checkProbe();
  const leak = (what: string): void => journal.break('release', `after the end ${what}`);
  if (!probe.isClosed) leak('the subscription is not closed');
  if (source.isSubscribed) leak('the source is still subscribed');
  if (probe.gate.waiting + probe.gate.attached > 0) leak('something still waits at the gate below');
  if (clock.timers > 0) leak('a timer is still running');
  if (isListenedTo) leak('the limits are still subscribed');
  for (const { name, held } of flow?.live ?? []) leak(`"${name}" has not left the flow (it holds ${held})`);
  for (const { index, isOpen } of items.all) if (isOpen) leak(`the output of item ${index} is still subscribed`);
}

/** What must be the case whenever nothing more happens by itself. */
export function checkRest(sim: Simulation): void {
  const { journal, source, items, rules, flow, gate } = sim;
  flow?.check();
  if (sim.isOver) return;
  if (sim.failures.length > 0) return journal.break('error', `${String(sim.failures[0])}, and the flow goes on`);
  const letter = items.all.find(({ state, take }) => state === 'letter' && take === undefined);
  if (letter !== undefined) journal.break('error', `item ${letter.index} failed, and there is no dead letter`);
  checkKept(sim);
  checkCounters(sim);
  if (!gate.isOpen || flow?.turn.isOpen === false) return;
  if (source.standsStill) journal.break('liveness', 'the source stands still at an open gate');
  if (rules.keeps) return;
  checkDelivered(sim);
  checkBegun(sim);
  const { held } = items;
  if (held > 0) return;
  if (source.isEnded) journal.break('liveness', 'the source has ended, everything has left, and the flow goes on');
  else if (source.gate?.isOpen === false && sim.limit > 0)
    journal.break('liveness', 'the gate is closed, and nothing is held');
}

/** While the gate is open, all that can leave has left. */
function checkDelivered({ journal, items, rules }: Simulation): void {
  if (rules.discards) return;
  for (const item of items.all) {
    if (item.given.length > item.delivered)
      return journal.break('liveness', `${show(item.names[item.delivered])} is ready, and does not leave`);
    if (rules.order === 'input' && (item.isUnfinished || item.state === 'sent')) return;
  }
}

/** While the gate is open, nothing waits that could begin; where there is no function, nothing waits at all. */
function checkBegun({ journal, items, rules, limit }: Simulation): void {
  const waiting = items.all.filter(({ state, delivered }) => state === 'sent' && delivered === 0);
  const ready = waiting.find((item) => rules.key === undefined || items.running(item) < rules.perKey);
  if (ready === undefined) return;
  if (rules.isChain) return;
  if (rules.concurrency === undefined) {
    if (!rules.drops) journal.break('liveness', `item ${ready.index} could leave, and does not`);
  } else if (items.running() < limit)
    journal.break('liveness', `item ${ready.index} waits while ${items.running()} of ${limit} run`);
}

/** An output that can be paused gives at most one value that cannot leave; in input order others may fill the bound. */
function checkKept({ journal, items, rules, mostLimit }: Simulation): void {
  const kept = items.all
    .filter(({ task }) => task.kind === 'pausable')
    .map(({ given, delivered }) => given.length - delivered);
  const most = Math.max(0, ...kept);
  const sum = kept.reduce((a, b) => a + b, 0);
  if (rules.discards || rules.keeps || rules.isChain) return;
  if (rules.order !== 'input' && most > 1) journal.break('bound', `${most} values of one pausable output are held`);
  if (sum > Math.max(rules.bound(mostLimit), 1) + mostLimit)
    journal.break('bound', `${sum} values of pausable outputs are held`);
}
