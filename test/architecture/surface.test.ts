import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

interface Manifest {
  name: string;
  exports: Record<string, string | { types: string; default: string }>;
}

const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Manifest;
const { options, fileNames } = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)).config,
  ts.sys,
  '.',
);
const program = ts.createProgram(
  fileNames.filter((path) => path.startsWith('src/')),
  options,
);
const checker = program.getTypeChecker();

/** The entries of the package, by the name under which they are imported, each with the source file that it is built from. */
const entries = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string'
    ? []
    : [
        {
          name: manifest.name + path.slice(1),
          file: target.default.replace('./dist/', 'src/').replace(/[.]js$/, '.ts'),
        },
      ],
);

function exportsOf(file: string): { name: string; symbol: ts.Symbol }[] {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} is missing, or exports nothing`);
  return checker
    .getExportsOfModule(module)
    .map((it) => ({ name: it.name, symbol: it.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(it) : it }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf({ flags }: ts.Symbol): string {
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Class) return 'class';
  if (flags & ts.SymbolFlags.Variable) return 'const';
  if (flags & ts.SymbolFlags.Enum) return 'enum';
  if (flags & ts.SymbolFlags.Interface) return 'interface';
  if (flags & ts.SymbolFlags.TypeAlias) return 'type';
  return 'namespace';
}

const docOf = (symbol: ts.Symbol): string => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();

describe('public surface', () => {
  test('is this, and a change of it is a decision (update with: npx vitest run test/architecture -u)', () => {
    const lines = entries.flatMap((entry) => [
      entry.name,
      ...exportsOf(entry.file).map(({ name, symbol }) => `  ${kindOf(symbol).padEnd(9)} ${name}`),
    ]);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "sluice
        interface AcquireOptions
        interface AdaptiveOptions
        interface AllOfOptions
        interface ArgumentError
        interface Backoff
        interface BackoffOptions
        interface BatchOptions
        interface BestEffortOptions
        interface BroadcastOptions
        class     Budget
        interface BudgetOptions
        interface BufferedOptions
        interface Cache
        interface CacheGetOptions
        interface CacheStats
        interface Channel
        class     ChannelClosedError
        interface ChannelOptions
        interface ChunksOptions
        class     CircuitBreaker
        interface CircuitBreakerOperatorOptions
        interface CircuitBreakerOptions
        interface CircuitBreakerState
        interface CircuitChange
        class     CircuitOpenError
        interface CircuitPermit
        interface ComputeContext
        interface ConflateOptions
        interface ConflateWithSeedOptions
        interface Connection
        interface CpuPool
        interface DeadLetter
        class     DeadLetterError
        type      DeadLetterTarget
        class     DeadlineExceededError
        interface DeadlineOptions
        interface DedupeOptions
        interface DelayOptions
        class     Demand
        interface Diagnosis
        class     DisorderError
        interface Downstream
        interface EmitterLike
        class     EncodeError
        interface EncodeNdjsonOptions
        class     ErrGroup
        interface ErrGroupContext
        interface ErrGroupOptions
        interface EventTargetLike
        type      EventValue
        type      Failure
        interface FailureReport
        interface FanInOptions
        interface FanOutOptions
        class     FileReadError
        class     FileWriteError
        class     FlowError
        interface FlowObserver
        interface FlowOptions
        interface FlowStats
        interface FlowView
        interface FlowWatch
        interface ForEachBatchOptions
        interface ForEachOptions
        interface FromEventEmitterOptions
        interface GaugeReport
        interface GetOrComputeOptions
        interface HedgeOptions
        class     IdleTimeoutError
        interface IdleTimeoutOptions
        interface Inlet
        interface InspectOptions
        interface IoPool
        interface ItemContext
        interface KeyedOptions
        interface LatestMapOptions
        interface Level
        class     Limit
        interface LimitSample
        class     LineTooLongError
        interface LinesOptions
        interface LittlesLawOptions
        interface LittlesLawResult
        interface MemoryPool
        interface MergeSortedOptions
        interface MixedPool
        type      ObservableLike
        type      OnError
        interface OnceOptions
        interface OperatorConnection
        type      Order
        type      Overflow
        class     OverflowError
        interface Page
        interface PageContext
        interface PaginateOptions
        interface PollOptions
        type      PoolSizeOptions
        type      QuitSignal
        class     QuorumError
        class     RateLimitError
        interface RateLimitOptions
        type      Redact
        interface Report
        interface Restart
        interface RestartableOptions
        type      Result
        interface Run
        interface RunOptions
        type      SelectCase
        interface SelectOptions
        class     Semaphore
        interface SendOptions
        interface ShedLimits
        interface ShedOptions
        type      SortKey
        interface SourceSettings
        class     Stage
        interface StageOptions
        type      StageOutput
        interface StageReport
        interface StageSettings
        type      TextStream
        interface ThreadReport
        interface Tick
        interface TickerOptions
        interface ToFileOptions
        interface ToIterableOptions
        interface ToReadableOptions
        interface ToWebOptions
        interface ToWritableOptions
        interface UnfoldContext
        type      UnfoldStep
        interface UslOptions
        interface UslResult
        interface WorkEnd
        interface WorkItem
        class     WriteError
        interface WrittenFile
        interface ZipOptions
        function  abortable
        function  adaptive
        function  allOf
        function  amdahl
        function  backoff
        function  batch
        function  bestEffort
        function  broadcast
        function  buffered
        function  channel
        function  chunks
        function  circuitBreaker
        function  conflate
        function  deadline
        function  dedupe
        function  delay
        function  demand
        function  encodeNdjson
        function  fanIn
        function  fanOut
        function  fixedLimit
        function  forEach
        function  formatReport
        function  fromEventEmitter
        function  fromIterable
        function  fromReadable
        function  getOrCompute
        function  hedge
        const     hooks
        function  idleTimeout
        function  keyed
        function  latestMap
        function  lines
        function  littlesLaw
        function  mergeSorted
        function  named
        function  okOnly
        function  once
        function  operate
        function  paginate
        function  poll
        function  poolSize
        function  quitSignal
        function  quorum
        function  rateLimit
        function  restartable
        function  run
        function  select
        function  shed
        function  splitResults
        function  ticker
        function  toFile
        function  toIterable
        function  toReadable
        function  toWeb
        function  toWritable
        function  unfold
        function  usl
        function  withPermit
        function  workerPool
        function  zip
      sluice/csv
        interface EncodeCsvOptions
        function  encodeCsv
      sluice/observe
        interface CompareOptions
        interface ComparedVariant
        interface Comparison
        interface FlowDescription
        type      Variant
        function  compare
        function  describe
      sluice/opentelemetry
        interface FlowObserver
        interface FlowView
        interface FlowWatch
        interface OpenTelemetryOptions
        interface WorkEnd
        interface WorkItem
        function  openTelemetry
      sluice/parallel
        class     ItemTooLargeError
        interface Move
        class     NotCloneableError
        interface ParallelOptions
        interface Task
        interface TaskContext
        class     TaskLoadError
        type      TaskOutput
        class     TaskTimeoutError
        interface ThreadOptions
        class     ThreadPool
        class     ThreadPoolClosedError
        interface ThreadPoolOptions
        class     WorkerCrashLoopError
        class     WorkerCrashedError
        function  parallel
        function  task
      sluice/parquet
        class     ParquetError
        type      ParquetErrorCode
        interface ParquetInfo
        interface ParquetParsers
        interface ReadRowGroupsOptions
        interface RowGroup
        function  fromParquet
        function  parquetInfo
      sluice/task
        interface Task
        interface TaskContext
        type      TaskOutput
        function  task
      sluice/testing
        interface Breach
        interface Check
        class     ConformanceError
        interface Consumption
        interface Destination
        interface GateExpectation
        interface HasGate
        type      Invariant
        interface Leak
        class     LeakError
        interface LeakWatch
        type      MakeOperator
        interface MarbleHelpers
        interface NoLeaksOptions
        interface OperatorCapabilities
        type      OperatorFactory
        interface OperatorReports
        interface OperatorTime
        class     Probe
        class     ProbeSource
        type      Rule
        interface SimulateOptions
        class     SimulationError
        interface SimulationFailure
        interface SimulationSummary
        interface SimulationTools
        interface SinkCapabilities
        type      SinkFactory
        interface SourceCapabilities
        type      SourceFactory
        type      SourceKind
        type      StageFunction
        type      TaskKind
        interface WorkContext
        function  assertMarbles
        function  conform
        function  marbles
        function  noLeaks
        function  simulate
      sluice/testing/vitest
        function  toEqualMarbles"
    `);
  });

  test('has a doc comment on every name', () => {
    const bare = entries.flatMap(({ name: entry, file }) =>
      exportsOf(file)
        .filter(({ symbol }) => docOf(symbol) === '')
        .map(({ name }) => `${entry}: ${name}`),
    );
    expect(bare).toEqual([]);
  });

  test('has a doc comment on every option', () => {
    const bare = entries.flatMap(({ file }) =>
      exportsOf(file)
        .filter(({ name }) => name.endsWith('Options'))
        .flatMap(({ name, symbol }) =>
          checker
            .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
            .filter((property) => docOf(property) === '')
            .map((property) => `${name}.${property.name}`),
        ),
    );
    expect(bare).toEqual([]);
  });

  test('leaves out what is marked @internal, which the build strips from the types', () => {
    const internal = entries.flatMap(({ file }) =>
      exportsOf(file).filter(({ symbol }) => symbol.getJsDocTags(checker).some((tag) => tag.name === 'internal')),
    );
    expect(internal.map(({ name }) => name)).toEqual([]);
  });

  test('is in the README: every function and class', async () => {
    const code = [...(await readFile('README.md', 'utf8')).matchAll(/^```[^]*?^```|`[^`]+`/gm)].join('\n');
    const missing = entries.flatMap(({ file }) =>
      exportsOf(file)
        .filter(({ name, symbol }) => /function|class/.test(kindOf(symbol)) && !new RegExp(`\\b${name}\\b`).test(code))
        .map(({ name }) => name),
    );
    expect(missing).toEqual([]);
  });

  test('has every entry under "paths" in tsconfig.json, so that programs and tests here find the source', () => {
    expect(options.paths).toEqual(Object.fromEntries(entries.map(({ name, file }) => [name, [`./${file}`]])));
  });
});

describe('names', () => {
  const paths = program.getRootFileNames();

  test('of public operators, sources, sinks and sync: one value a file, spelt like the file', () => {
    for (const path of paths.filter((it) => /^src\/(operators|sources|sinks|sync)\/(?!index[.])[^/]+$/.test(it))) {
      const values = exportsOf(path).filter(({ symbol }) => symbol.flags & ts.SymbolFlags.Value);
      // The name of a class begins with a capital letter; that of its file need not.
      expect(
        values.map(({ name }) => name.toLowerCase()),
        path,
      ).toEqual([basename(path, '.ts').toLowerCase()]);
    }
  });

  test('an entry and an index only pass on', () => {
    for (const path of paths.filter((it) => /^src\/([^/]+|.+\/index)[.]ts$/.test(it))) {
      const own = program.getSourceFile(path)?.statements.filter((it) => !ts.isExportDeclaration(it)) ?? [];
      expect(
        own.map((it) => it.getText()),
        path,
      ).toEqual([]);
    }
  });
});
