// sources
export { abortable } from './sources/abortable.ts';
export { channel, type Channel, type ChannelOptions, type SendOptions } from './sources/channel.ts';
export { fanIn, type FanInOptions } from './sources/fanIn.ts';
export {
  fromEventEmitter,
  type EmitterLike,
  type EventTargetLike,
  type EventValue,
  type FromEventEmitterOptions,
} from './sources/fromEventEmitter.ts';
export { fromIterable } from './sources/fromIterable.ts';
export { fromReadable } from './sources/fromReadable.ts';
export { unfold, type UnfoldContext, type UnfoldStep } from './sources/unfold.ts';
// operators
export { batch, type BatchOptions } from './operators/batch.ts';
export { buffered, type BufferedOptions, type Overflow } from './operators/buffered.ts';
export { okOnly } from './operators/okOnly.ts';
export { splitResults, type Failure } from './operators/splitResults.ts';
export { workerPool } from './operators/workerPool.ts';
// sinks
export { encodeNdjson, type EncodeNdjsonOptions } from './sinks/encodeNdjson.ts';
export { forEach, type ForEachBatchOptions, type ForEachOptions } from './sinks/forEach.ts';
export { toIterable, type ToIterableOptions } from './sinks/toIterable.ts';
export { toWeb, type ToWebOptions } from './sinks/toWeb.ts';
export { toWritable, type ToWritableOptions } from './sinks/toWritable.ts';
// running a flow
export { run, type QuitSignal, type RunOptions } from './observe/run.ts';
export type { Run } from './observe/flowRun.ts';
export { formatReport } from './observe/formatReport.ts';
export type { FlowStats, Report, StageReport } from './observe/report.ts';
// what stages take and give
export type { DeadLetter, DeadLetterTarget, OnError, Order, Result, StageOptions } from './core/options.ts';
export type { ItemContext } from './core/slot.ts';
export type { ObservableLike, StageOutput } from './core/execute.ts';
// errors
export { DeadLetterError, OverflowError, type ArgumentError } from './core/errors.ts';
export { ChannelClosedError } from './sources/ChannelClosedError.ts';
export { EncodeError } from './sinks/EncodeError.ts';
export { FileReadError } from './sources/FileReadError.ts';
export { FileWriteError } from './sinks/FileWriteError.ts';
export { LineTooLongError } from './sources/LineTooLongError.ts';
export { WriteError } from './sinks/WriteError.ts';
export { FlowError } from './observe/flowError.ts';
export { hooks } from './core/hooks.ts';
// core: for stages and sources of your own
export { demand, type Demand, type SourceSettings } from './core/demand.ts';
export { operate, type Inlet, type OperatorConnection } from './core/operate.ts';
export { Stage, type Connection, type Downstream, type StageSettings } from './core/stage.ts';
