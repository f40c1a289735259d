import type { BatchObservableResult, Meter, MetricOptions, Observable } from '@opentelemetry/api';
import { Durations } from './Durations.ts';
import { Tally } from './Tally.ts';

/**
 * What is measured, named and with units as the semantic conventions of OpenTelemetry have it. No instrument has many attributes: an
 * SDK tells apart 2,000 sets of an instrument's attributes and no more.
 */
export class Instruments {
  readonly active: Tally;
  readonly runs: Tally;
  readonly results: Tally;
  readonly lateErrors: Tally;
  readonly received: Tally;
  readonly emitted: Tally;
  readonly processed: Tally;
  readonly retries: Tally;
  readonly overruns: Tally;
  readonly held: Tally;
  readonly concurrency: Tally;
  readonly time: Tally;
  readonly durations: Durations;
  readonly threadTime: Tally;
  readonly threadItems: Tally;
  readonly threadRestarts: Tally;
  readonly threadMemory: Tally;
  readonly threadHeap: Tally;
  readonly gaugeValue: Tally;
  readonly gaugeState: Tally;

  constructor(meter: Meter) {
    const sum = (name: string, unit: string, description: string): Tally =>
      new Tally(meter.createObservableCounter(name, { unit, description }), { after: 'stays' });
    const level = (name: string, unit: string, description: string, shared = false): Tally =>
      new Tally(meter.createObservableUpDownCounter(name, { unit, description }), { shared, after: 'zero' });
    const gauge = (name: string, options: MetricOptions): Observable => meter.createObservableGauge(name, options);

    this.active = level('sluice.flow.active', '{run}', 'Runs that have not ended');
    this.runs = sum('sluice.flow.runs', '{run}', 'Runs that have ended, by how');
    this.results = sum('sluice.flow.results', '{item}', 'Values that came out at the end of the flow');
    this.lateErrors = sum('sluice.flow.late_errors', '{error}', 'Failures of items whose stage had already ended');
    this.received = sum('sluice.stage.received', '{item}', 'Items that arrived at the stage');
    this.emitted = sum('sluice.stage.emitted', '{item}', 'Values that left the stage or source');
    this.processed = sum(
      'sluice.stage.processed',
      '{item}',
      'Items that the stage is done with, by what became of them',
    );
    this.retries = sum('sluice.stage.retries', '{retry}', 'Further tries of items');
    this.overruns = sum('sluice.stage.overruns', '{item}', 'Items taken beyond the bound, from what cannot be paused');
    this.held = level('sluice.stage.held', '{item}', 'Items in the stage');
    this.concurrency = level('sluice.stage.concurrency', '{item}', 'Items that may run at once');
    this.time = sum('sluice.stage.time', 's', 'What the stage spent its time with');
    const duration = {
      unit: 's',
      description: 'How long the work on an item takes, at most, for a share of the items',
    };
    this.durations = new Durations(gauge('sluice.stage.duration', duration));
    this.threadTime = sum('sluice.thread.time', 's', 'What the thread spent its time with');
    this.threadItems = sum('sluice.thread.items', '{item}', 'Items that the thread has done');
    this.threadRestarts = sum('sluice.thread.restarts', '{thread}', 'Threads that took the place of another');
    this.threadMemory = level('sluice.thread.memory.external', 'By', 'Memory of the thread outside its heap', true);
    this.threadHeap = level('sluice.thread.memory.heap', 'By', 'Memory of the thread in its heap', true);
    const value = gauge('sluice.gauge.value', { description: 'Figures of what a flow uses: breakers, limits' });
    this.gaugeValue = new Tally(value, { shared: true, after: 'nothing' });
    this.gaugeState = level('sluice.gauge.state', '1', 'Is 1 for the state that a breaker or limit is in', true);
  }

  get all(): readonly (Tally | Durations)[] {
    return Object.values(this) as (Tally | Durations)[];
  }

  /** What was taken is the last of a flow that has ended. */
  settle(): void {
    for (const measured of this.all) if (measured instanceof Tally) measured.settle();
  }

  tell(result: BatchObservableResult): void {
    for (const measured of this.all) measured.tell(result);
  }
}
