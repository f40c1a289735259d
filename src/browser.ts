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
export { mergeSorted, type MergeSortedOptions, type SortKey } from './sources/mergeSorted.ts';
export { paginate, type Page, type PageContext, type PaginateOptions } from './sources/paginate.ts';
export { poll, type PollOptions } from './sources/poll.ts';
export { restartable, type Restart, type RestartableOptions } from './sources/restartable.ts';
export { select, type SelectCase, type SelectOptions } from './sources/select.ts';
export { ticker, type Tick, type TickerOptions } from './sources/ticker.ts';
export { unfold, type UnfoldContext, type UnfoldStep } from './sources/unfold.ts';
export { zip, type ZipOptions } from './sources/zip.ts';
// operators
export { batch, type BatchOptions } from './operators/batch.ts';
export { buffered, type BufferedOptions, type Overflow } from './operators/buffered.ts';
export { broadcast, type BroadcastOptions } from './operators/broadcast.ts';
export { circuitBreaker, type CircuitBreakerOperatorOptions } from './operators/circuitBreaker.ts';
export { conflate, type ConflateOptions, type ConflateWithSeedOptions } from './operators/conflate.ts';
export { deadline, type DeadlineOptions } from './operators/deadline.ts';
export { dedupe, type DedupeOptions } from './operators/dedupe.ts';
export { delay, type DelayOptions } from './operators/delay.ts';
export { fanOut, type FanOutOptions } from './operators/fanOut.ts';
export { hedge, type HedgeOptions } from './operators/hedge.ts';
export { idleTimeout, type IdleTimeoutOptions } from './operators/idleTimeout.ts';
export { keyed, type KeyedOptions } from './operators/keyed.ts';
export { latestMap, type LatestMapOptions } from './operators/latestMap.ts';
export { named } from './operators/named.ts';
export { okOnly } from './operators/okOnly.ts';
export { rateLimit, type RateLimitOptions } from './operators/rateLimit.ts';
export { shed, type ShedLimits, type ShedOptions } from './operators/shed.ts';
export { splitResults, type Failure } from './operators/splitResults.ts';
export { withPermit } from './operators/withPermit.ts';
export { workerPool } from './operators/workerPool.ts';
// several tasks at once
export { allOf, type AllOfOptions } from './operators/allOf.ts';
export { bestEffort, type BestEffortOptions } from './operators/bestEffort.ts';
export { quorum } from './operators/quorum.ts';
// sinks
export { encodeNdjson, type EncodeNdjsonOptions } from './sinks/encodeNdjson.ts';
export { forEach, type ForEachBatchOptions, type ForEachOptions } from './sinks/forEach.ts';
export { toIterable, type ToIterableOptions } from './sinks/toIterable.ts';
export { toWeb, type ToWebOptions } from './sinks/toWeb.ts';
export { toWritable, type ToWritableOptions } from './sinks/toWritable.ts';
// running a flow
export { run, type RunOptions } from './observe/browser/run.ts';
export type { FlowOptions, QuitSignal } from './observe/FlowOptions.ts';
export type { Run } from './observe/flowRun.ts';
export type { Redact } from './observe/preview.ts';
export { formatReport } from './observe/formatReport.ts';
export type {
  Diagnosis,
  FailureReport,
  FlowStats,
  GaugeReport,
  Level,
  Report,
  StageReport,
  ThreadReport,
} from './observe/report.ts';
export type { FlowObserver, FlowWatch, WorkEnd, WorkItem } from './observe/FlowObserver.ts';
export type { FlowView } from './observe/FlowView.ts';
// primitives that are no streams
export { backoff, type Backoff, type BackoffOptions } from './sync/backoff.ts';
export { Budget, type BudgetOptions } from './sync/Budget.ts';
export {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerState,
  type CircuitChange,
  type CircuitPermit,
} from './sync/CircuitBreaker.ts';
export { ErrGroup, type ErrGroupContext, type ErrGroupOptions } from './sync/ErrGroup.ts';
export {
  getOrCompute,
  type Cache,
  type CacheGetOptions,
  type CacheStats,
  type ComputeContext,
  type GetOrComputeOptions,
} from './sync/getOrCompute.ts';
export { once, type OnceOptions } from './sync/once.ts';
export { Semaphore, type AcquireOptions } from './sync/Semaphore.ts';
// how many
export { Limit, type LimitSample } from './core/limit.ts';
export { adaptive, type AdaptiveOptions } from './sync/limits/adaptive.ts';
export { fixedLimit } from './sync/limits/fixedLimit.ts';
export { amdahl } from './sync/sizing/amdahl.ts';
export { littlesLaw, type LittlesLawOptions, type LittlesLawResult } from './sync/sizing/littlesLaw.ts';
export {
  poolSize,
  type CpuPool,
  type IoPool,
  type MemoryPool,
  type MixedPool,
  type PoolSizeOptions,
} from './sync/sizing/poolSize.ts';
export { usl, type UslOptions, type UslResult } from './sync/sizing/usl.ts';
// what stages take and give
export type { DeadLetter, DeadLetterTarget, OnError, Order, Result, StageOptions } from './core/options.ts';
export type { ItemContext } from './core/slot.ts';
export type { ObservableLike, StageOutput } from './core/execute.ts';
// errors
export { DeadLetterError, OverflowError, type ArgumentError } from './core/errors.ts';
export { ChannelClosedError } from './sources/ChannelClosedError.ts';
export { CircuitOpenError } from './sync/CircuitOpenError.ts';
export { DeadlineExceededError } from './operators/DeadlineExceededError.ts';
export { DisorderError } from './sources/DisorderError.ts';
export { EncodeError } from './sinks/EncodeError.ts';
export { FileReadError } from './sources/FileReadError.ts';
export { FileWriteError } from './sinks/FileWriteError.ts';
export { IdleTimeoutError } from './operators/IdleTimeoutError.ts';
export { LineTooLongError } from './sources/LineTooLongError.ts';
export { QuorumError } from './operators/QuorumError.ts';
export { RateLimitError } from './operators/RateLimitError.ts';
export { WriteError } from './sinks/WriteError.ts';
export { FlowError } from './observe/flowError.ts';
export { hooks } from './core/hooks.ts';
// core: for stages and sources of your own
export { demand, type Demand, type SourceSettings } from './core/demand.ts';
export { operate, type Inlet, type OperatorConnection } from './core/operate.ts';
export { Stage, type Connection, type Downstream, type StageSettings } from './core/stage.ts';
