// the ends of a flow
export { Probe } from './Probe.ts';
export { ProbeSource } from './ProbeSource.ts';
// virtual time
export { marbles, type GateExpectation, type HasGate, type MarbleHelpers } from './marbles.ts';
export { assertMarbles } from './assertMarbles.ts';
// conformance
export {
  conform,
  type Check,
  type Consumption,
  type Destination,
  type OperatorCapabilities,
  type OperatorFactory,
  type OperatorReports,
  type OperatorTime,
  type Rule,
  type SinkCapabilities,
  type SinkFactory,
  type SourceCapabilities,
  type SourceFactory,
  type StageFunction,
  type WorkContext,
} from './conform.ts';
export { ConformanceError } from './conform/ConformanceError.ts';
// leaks
export { noLeaks, type Leak, type LeakWatch, type NoLeaksOptions } from './noLeaks.ts';
export { LeakError } from './leaks/LeakError.ts';
// simulation
export {
  simulate,
  type MakeOperator,
  type SimulateOptions,
  type SimulationSummary,
  type SimulationTools,
  type SourceKind,
  type TaskKind,
} from './simulate.ts';
export { SimulationError, type SimulationFailure } from './simulate/SimulationError.ts';
export type { Breach, Invariant } from './simulate/Journal.ts';
