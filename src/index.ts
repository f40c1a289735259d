// sources
export { fromIterable } from './sources/fromIterable.ts';
// operators
export { batch, type BatchOptions } from './operators/batch.ts';
export { buffered, type BufferedOptions, type Overflow } from './operators/buffered.ts';
export { okOnly } from './operators/okOnly.ts';
export { splitResults, type Failure } from './operators/splitResults.ts';
export { workerPool } from './operators/workerPool.ts';
// core: for stages and sources of your own
export { demand, type Demand, type SourceSettings } from './core/demand.ts';
export { operate, type Inlet, type OperatorConnection } from './core/operate.ts';
export { Stage, type Connection, type Downstream, type StageSettings } from './core/stage.ts';
export { Gate, Waiter } from './core/gate.ts';
// running a flow
export { run, type QuitSignal, type RunOptions } from './observe/run.ts';
export type { Run } from './observe/flowRun.ts';
export { FlowError } from './observe/flowError.ts';
export { formatReport } from './observe/formatReport.ts';
export type { FlowStats, Report, StageReport } from './observe/report.ts';
