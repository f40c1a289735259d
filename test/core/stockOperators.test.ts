// oxlint-disable-next-line no-restricted-imports -- Every name, also those that this package itself does not use.
import * as rxjs from 'rxjs';
import { EMPTY, NEVER, Observable, Subject, asyncScheduler, map, of, timer, type MonoTypeOperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GATE, gateBelow } from '../../src/core/demand.ts';
import type { Gate } from '../../src/core/gate.ts';
import { hooks } from '../../src/core/hooks.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { atRest } from './PoolRun.ts';

/** How many items the source has. */
const ALL = 200_000;
/** How many items the stage below may hold: 2 that run and never end, and 3 that wait. */
const BOUND = 5;
/** By which virtual millisecond everything has come to rest. */
const REST = 50;

/** How the source found the gate: by walking down the chain of subscribers, as the stage that was subscribing, or not. */
type FoundBy = 'walk' | 'fallback' | 'none' | 'fallback, then none';

interface Row {
  /** The operator or creation function between the source and the stage. */
  readonly make: (source: Observable<number>) => Observable<unknown>;
  readonly foundBy: FoundBy;
  /**
   * How many items of the source it takes to fill the stage: 5 for an operator that gives one for one; ten times that for
   * `bufferCount(10)`; all of them where the stage never fills (`last`). Default 5.
   */
  readonly needs?: number;
  /** How many items more than that the source produced. */
  readonly beyond: number;
  /** Why that is more than none. */
  readonly because?: string;
  /** For operators that keep a timer an item: how many items the source has. */
  readonly items?: number;
}

const KEEPS = 'it keeps items itself, by its nature';
const LOST = 'a multicast that is subscribed when no stage is subscribing finds no gate';

/** Fails at item `at` the first time round. */
function failsOnce<T>(at: T): MonoTypeOperatorFunction<T> {
  let failed = false;
  return map((item) => {
    if (failed || item !== at) return item;
    failed = true;
    throw new Error('once');
  });
}

const late = <T>(source: Observable<T>) => timer(1).pipe(rxjs.switchMap(() => source));

/* oxlint-disable typescript/no-deprecated -- What RxJS still has, people still use. */
const oneForOne: Record<string, Row> = {
  catchError: { make: (s) => s.pipe(rxjs.catchError(() => EMPTY)), foundBy: 'walk', beyond: 0 },
  defaultIfEmpty: { make: (s) => s.pipe(rxjs.defaultIfEmpty(0)), foundBy: 'walk', beyond: 0 },
  dematerialize: { make: (s) => s.pipe(rxjs.materialize(), rxjs.dematerialize()), foundBy: 'walk', beyond: 0 },
  distinct: { make: (s) => s.pipe(rxjs.distinct()), foundBy: 'walk', beyond: 0 },
  distinctUntilChanged: { make: (s) => s.pipe(rxjs.distinctUntilChanged()), foundBy: 'walk', beyond: 0 },
  distinctUntilKeyChanged: {
    make: (s) =>
      s.pipe(
        map((n) => ({ n })),
        rxjs.distinctUntilKeyChanged('n'),
      ),
    foundBy: 'walk',
    beyond: 0,
  },
  endWith: { make: (s) => s.pipe(rxjs.endWith(0)), foundBy: 'walk', beyond: 0 },
  finalize: { make: (s) => s.pipe(rxjs.finalize(() => {})), foundBy: 'walk', beyond: 0 },
  map: { make: (s) => s.pipe(map((n) => n)), foundBy: 'walk', beyond: 0 },
  mapTo: { make: (s) => s.pipe(rxjs.mapTo(1)), foundBy: 'walk', beyond: 0 },
  materialize: { make: (s) => s.pipe(rxjs.materialize()), foundBy: 'walk', beyond: 0 },
  pluck: {
    make: (s) =>
      s.pipe(
        map((n) => ({ n })),
        rxjs.pluck('n'),
      ),
    foundBy: 'walk',
    beyond: 0,
  },
  scan: { make: (s) => s.pipe(rxjs.scan((a, n) => a + n, 0)), foundBy: 'walk', beyond: 0 },
  skipUntil: { make: (s) => s.pipe(rxjs.skipUntil(of(1))), foundBy: 'walk', beyond: 0 },
  takeUntil: { make: (s) => s.pipe(rxjs.takeUntil(NEVER)), foundBy: 'walk', beyond: 0 },
  takeWhile: { make: (s) => s.pipe(rxjs.takeWhile(() => true)), foundBy: 'walk', beyond: 0 },
  tap: { make: (s) => s.pipe(rxjs.tap(() => {})), foundBy: 'walk', beyond: 0 },
  throwIfEmpty: { make: (s) => s.pipe(rxjs.throwIfEmpty()), foundBy: 'walk', beyond: 0 },
  timeInterval: { make: (s) => s.pipe(rxjs.timeInterval()), foundBy: 'walk', beyond: 0 },
  timeout: { make: (s) => s.pipe(rxjs.timeout({ first: 10 })), foundBy: 'walk', beyond: 0 },
  timeoutWith: { make: (s) => s.pipe(rxjs.timeoutWith(REST + 10, NEVER)), foundBy: 'walk', beyond: 0 },
  timestamp: { make: (s) => s.pipe(rxjs.timestamp()), foundBy: 'walk', beyond: 0 },
  withLatestFrom: { make: (s) => s.pipe(rxjs.withLatestFrom(of(1))), foundBy: 'walk', beyond: 0 },
  'withLatestFrom, as the other': {
    make: (s) => of(1).pipe(rxjs.withLatestFrom(s)),
    foundBy: 'walk',
    needs: ALL,
    beyond: 0,
  },
};

/** An operator that takes several items for one of its own, or fewer than the stage holds. */
const severalForOne: Record<string, Row> = {
  bufferCount: { make: (s) => s.pipe(rxjs.bufferCount(10)), foundBy: 'walk', needs: 50, beyond: 0 },
  'bufferCount, overlapping': { make: (s) => s.pipe(rxjs.bufferCount(10, 1)), foundBy: 'walk', needs: 14, beyond: 0 },
  elementAt: { make: (s) => s.pipe(rxjs.elementAt(3)), foundBy: 'walk', needs: 4, beyond: 0 },
  filter: { make: (s) => s.pipe(rxjs.filter((n) => n % 2 === 0)), foundBy: 'walk', needs: 9, beyond: 0 },
  'filter, one in ten thousand': {
    make: (s) => s.pipe(rxjs.filter((n) => n % 10_000 === 9_999)),
    foundBy: 'walk',
    needs: 50_000,
    beyond: 0,
  },
  find: { make: (s) => s.pipe(rxjs.find((n) => n === 7)), foundBy: 'walk', needs: 8, beyond: 0 },
  findIndex: { make: (s) => s.pipe(rxjs.findIndex((n) => n === 7)), foundBy: 'walk', needs: 8, beyond: 0 },
  first: { make: (s) => s.pipe(rxjs.first()), foundBy: 'walk', needs: 1, beyond: 0 },
  groupBy: { make: (s) => s.pipe(rxjs.groupBy((n) => n)), foundBy: 'walk', beyond: 0 },
  isEmpty: { make: (s) => s.pipe(rxjs.isEmpty()), foundBy: 'walk', needs: 1, beyond: 0 },
  pairwise: { make: (s) => s.pipe(rxjs.pairwise()), foundBy: 'walk', needs: 6, beyond: 0 },
  skip: { make: (s) => s.pipe(rxjs.skip(3)), foundBy: 'walk', needs: 8, beyond: 0 },
  skipLast: { make: (s) => s.pipe(rxjs.skipLast(2)), foundBy: 'walk', needs: 7, beyond: 0 },
  skipWhile: { make: (s) => s.pipe(rxjs.skipWhile((n) => n < 3)), foundBy: 'walk', needs: 8, beyond: 0 },
  startWith: { make: (s) => s.pipe(rxjs.startWith(-1)), foundBy: 'walk', needs: 4, beyond: 0 },
  take: { make: (s) => s.pipe(rxjs.take(3)), foundBy: 'walk', needs: 3, beyond: 0 },
  // The first window leaves before the first item.
  windowCount: { make: (s) => s.pipe(rxjs.windowCount(10)), foundBy: 'walk', needs: 40, beyond: 0 },
};

/** Those that give one value for all items, or give items up while they come faster than time goes by, never fill the stage. */
const oneForAll: Record<string, Row> = {
  audit: { make: (s) => s.pipe(rxjs.audit(() => timer(1))), foundBy: 'walk', needs: ALL, beyond: 0 },
  auditTime: { make: (s) => s.pipe(rxjs.auditTime(1)), foundBy: 'walk', needs: ALL, beyond: 0 },
  count: { make: (s) => s.pipe(rxjs.count()), foundBy: 'walk', needs: ALL, beyond: 0 },
  debounce: { make: (s) => s.pipe(rxjs.debounce(() => timer(1))), foundBy: 'walk', needs: ALL, beyond: 0 },
  debounceTime: { make: (s) => s.pipe(rxjs.debounceTime(1)), foundBy: 'walk', needs: ALL, beyond: 0 },
  every: { make: (s) => s.pipe(rxjs.every(() => true)), foundBy: 'walk', needs: ALL, beyond: 0 },
  'exhaustMap, whose inners are slow': {
    make: (s) => s.pipe(rxjs.exhaustMap(() => NEVER)),
    foundBy: 'walk',
    needs: ALL,
    beyond: 0,
  },
  ignoreElements: { make: (s) => s.pipe(rxjs.ignoreElements()), foundBy: 'walk', needs: ALL, beyond: 0 },
  last: { make: (s) => s.pipe(rxjs.last()), foundBy: 'walk', needs: ALL, beyond: 0 },
  max: { make: (s) => s.pipe(rxjs.max()), foundBy: 'walk', needs: ALL, beyond: 0 },
  min: { make: (s) => s.pipe(rxjs.min()), foundBy: 'walk', needs: ALL, beyond: 0 },
  publishLast: { make: (s) => s.pipe(rxjs.publishLast(), rxjs.refCount()), foundBy: 'fallback', needs: ALL, beyond: 0 },
  reduce: { make: (s) => s.pipe(rxjs.reduce((a, n) => a + n, 0)), foundBy: 'walk', needs: ALL, beyond: 0 },
  sample: { make: (s) => s.pipe(rxjs.sample(timer(1))), foundBy: 'walk', needs: ALL, beyond: 0 },
  sampleTime: { make: (s) => s.pipe(rxjs.sampleTime(1)), foundBy: 'walk', needs: ALL, beyond: 0 },
  single: { make: (s) => s.pipe(rxjs.single((n) => n === 3)), foundBy: 'walk', needs: ALL, beyond: 0 },
  'switchMap, whose inners are slow': {
    make: (s) => s.pipe(rxjs.switchMap(() => timer(1))),
    foundBy: 'walk',
    needs: ALL,
    beyond: 0,
  },
  takeLast: { make: (s) => s.pipe(rxjs.takeLast(3)), foundBy: 'walk', needs: ALL, beyond: 0 },
  throttle: { make: (s) => s.pipe(rxjs.throttle(() => timer(1))), foundBy: 'walk', needs: ALL, beyond: 0 },
  throttleTime: { make: (s) => s.pipe(rxjs.throttleTime(1)), foundBy: 'walk', needs: ALL, beyond: 0 },
  toArray: { make: (s) => s.pipe(rxjs.toArray()), foundBy: 'walk', needs: ALL, beyond: 0 },
  // A window that is open takes what comes, whether anyone looks into it or not.
  window: { make: (s) => s.pipe(rxjs.window(NEVER)), foundBy: 'walk', needs: ALL, beyond: 0 },
  windowTime: { make: (s) => s.pipe(rxjs.windowTime(1)), foundBy: 'walk', needs: ALL, beyond: 0 },
  windowToggle: { make: (s) => s.pipe(rxjs.windowToggle(of(1), () => NEVER)), foundBy: 'walk', needs: ALL, beyond: 0 },
  windowWhen: { make: (s) => s.pipe(rxjs.windowWhen(() => NEVER)), foundBy: 'walk', needs: ALL, beyond: 0 },
};

const flattening: Record<string, Row> = {
  combineAll: { make: (s) => of(of(1), s).pipe(rxjs.combineAll()), foundBy: 'walk', beyond: 0 },
  combineLatestAll: { make: (s) => of(of(1), s).pipe(rxjs.combineLatestAll()), foundBy: 'walk', beyond: 0 },
  combineLatestWith: { make: (s) => of(1).pipe(rxjs.combineLatestWith(s)), foundBy: 'walk', beyond: 0 },
  concatAll: { make: (s) => of(s, s).pipe(rxjs.concatAll()), foundBy: 'walk', beyond: 0 },
  concatMap: { make: (s) => s.pipe(rxjs.concatMap((n) => of(n))), foundBy: 'walk', beyond: 0 },
  'concatMap, the inner': { make: (s) => of(1, 2).pipe(rxjs.concatMap(() => s)), foundBy: 'walk', beyond: 0 },
  concatMapTo: { make: (s) => s.pipe(rxjs.concatMapTo(of(1))), foundBy: 'walk', beyond: 0 },
  concatWith: { make: (s) => of(-1).pipe(rxjs.concatWith(s)), foundBy: 'walk', needs: 4, beyond: 0 },
  exhaust: { make: (s) => of(s).pipe(rxjs.exhaust()), foundBy: 'walk', beyond: 0 },
  exhaustAll: { make: (s) => of(s).pipe(rxjs.exhaustAll()), foundBy: 'walk', beyond: 0 },
  exhaustMap: { make: (s) => s.pipe(rxjs.exhaustMap((n) => of(n))), foundBy: 'walk', beyond: 0 },
  expand: { make: (s) => s.pipe(rxjs.expand(() => EMPTY)), foundBy: 'walk', beyond: 0 },
  'expand, the inner': {
    make: (s) => of(-1).pipe(rxjs.expand((n) => (n === -1 ? s : EMPTY))),
    foundBy: 'walk',
    needs: 4,
    beyond: 0,
  },
  flatMap: { make: (s) => s.pipe(rxjs.flatMap((n) => of(n))), foundBy: 'walk', beyond: 0 },
  mergeAll: { make: (s) => of(s, s).pipe(rxjs.mergeAll()), foundBy: 'walk', beyond: 0 },
  mergeMap: { make: (s) => s.pipe(rxjs.mergeMap((n) => of(n))), foundBy: 'walk', beyond: 0 },
  'mergeMap, one for many': { make: (s) => s.pipe(rxjs.mergeMap((n) => [n, n])), foundBy: 'walk', needs: 3, beyond: 0 },
  'mergeMap, the inners': { make: (s) => of(1, 2).pipe(rxjs.mergeMap(() => s)), foundBy: 'walk', beyond: 0 },
  mergeMapTo: { make: (s) => s.pipe(rxjs.mergeMapTo(of(1))), foundBy: 'walk', beyond: 0 },
  mergeScan: { make: (s) => s.pipe(rxjs.mergeScan((a, n) => of(a + n), 0)), foundBy: 'walk', beyond: 0 },
  mergeWith: { make: (s) => s.pipe(rxjs.mergeWith(s)), foundBy: 'walk', beyond: 0 },
  onErrorResumeNextWith: { make: (s) => s.pipe(rxjs.onErrorResumeNextWith(s)), foundBy: 'walk', beyond: 0 },
  raceWith: { make: (s) => NEVER.pipe(rxjs.raceWith(s)), foundBy: 'walk', beyond: 0 },
  switchAll: { make: (s) => of(s).pipe(rxjs.switchAll()), foundBy: 'walk', beyond: 0 },
  switchMap: { make: (s) => s.pipe(rxjs.switchMap((n) => of(n))), foundBy: 'walk', beyond: 0 },
  switchMapTo: { make: (s) => s.pipe(rxjs.switchMapTo(of(1))), foundBy: 'walk', beyond: 0 },
  switchScan: { make: (s) => s.pipe(rxjs.switchScan((a, n) => of(a + n), 0)), foundBy: 'walk', beyond: 0 },
};

const creating: Record<string, Row> = {
  combineLatest: { make: (s) => rxjs.combineLatest([of(1), s]), foundBy: 'walk', beyond: 0 },
  concat: { make: (s) => rxjs.concat(of(-1), s), foundBy: 'walk', needs: 4, beyond: 0 },
  defer: { make: (s) => rxjs.defer(() => s), foundBy: 'walk', beyond: 0 },
  forkJoin: { make: (s) => rxjs.forkJoin([s]), foundBy: 'walk', needs: ALL, beyond: 0 },
  from: { make: (s) => rxjs.from(s), foundBy: 'walk', beyond: 0 },
  'from, of an interop Observable': {
    make: (s) => rxjs.from({ [rxjs.observable]: () => s } as unknown as Observable<number>),
    foundBy: 'walk',
    beyond: 0,
  },
  iif: { make: (s) => rxjs.iif(() => true, s, EMPTY), foundBy: 'walk', beyond: 0 },
  merge: { make: (s) => rxjs.merge(s, s), foundBy: 'walk', beyond: 0 },
  onErrorResumeNext: { make: (s) => rxjs.onErrorResumeNext(s, s), foundBy: 'walk', beyond: 0 },
  partition: { make: (s) => rxjs.partition(s, (n) => n % 2 === 0)[0], foundBy: 'walk', needs: 9, beyond: 0 },
  race: { make: (s) => rxjs.race(NEVER, s), foundBy: 'walk', beyond: 0 },
  using: {
    make: (s) =>
      rxjs.using(
        () => new rxjs.Subscription(),
        () => s,
      ),
    foundBy: 'walk',
    beyond: 0,
  },
};

const multicasting: Record<string, Row> = {
  connect: { make: (s) => s.pipe(rxjs.connect((shared) => shared)), foundBy: 'fallback', beyond: 0 },
  connectable: {
    make: (s) => {
      const shared = rxjs.connectable(s);
      return rxjs.merge(
        shared,
        rxjs.defer(() => {
          shared.connect();
          return EMPTY;
        }),
      );
    },
    foundBy: 'fallback',
    beyond: 0,
  },
  multicast: {
    make: (s) =>
      s.pipe(
        rxjs.multicast(() => new Subject<number>()),
        rxjs.refCount(),
      ),
    foundBy: 'fallback',
    beyond: 0,
  },
  publish: { make: (s) => s.pipe(rxjs.publish(), rxjs.refCount()), foundBy: 'fallback', beyond: 0 },
  publishBehavior: {
    make: (s) => s.pipe(rxjs.publishBehavior(-1), rxjs.refCount()),
    foundBy: 'fallback',
    needs: 4,
    beyond: 0,
  },
  publishReplay: { make: (s) => s.pipe(rxjs.publishReplay(1), rxjs.refCount()), foundBy: 'fallback', beyond: 0 },
  refCount: { make: (s) => rxjs.refCount<number>()(s.pipe(rxjs.publish())), foundBy: 'fallback', beyond: 0 },
  share: { make: (s) => s.pipe(rxjs.share()), foundBy: 'fallback', beyond: 0 },
  shareReplay: {
    make: (s) => s.pipe(rxjs.shareReplay({ bufferSize: 1, refCount: true })),
    foundBy: 'fallback',
    beyond: 0,
  },
  'Subject, between': {
    make: (s) =>
      new Observable((subscriber) => {
        const subject = new Subject();
        subscriber.add(subject.subscribe(subscriber));
        subscriber.add(s.subscribe(subject));
      }),
    foundBy: 'fallback',
    beyond: 0,
  },
  'Observable, written by hand': {
    make: (s) => new Observable((subscriber) => s.subscribe({ next: (n) => subscriber.next(n) })),
    foundBy: 'fallback',
    beyond: 0,
  },
  'Observable, one that hands its subscriber on': {
    make: (s) => new Observable((subscriber) => s.subscribe(subscriber)),
    foundBy: 'walk',
    beyond: 0,
  },
};

const subscribedAgain: Record<string, Row> = {
  repeat: { make: (s) => s.pipe(rxjs.take(2), rxjs.repeat()), foundBy: 'walk', beyond: 0 },
  'repeat, with a delay': { make: (s) => s.pipe(rxjs.take(2), rxjs.repeat({ delay: 1 })), foundBy: 'walk', beyond: 0 },
  repeatWhen: {
    make: (s) =>
      s.pipe(
        rxjs.take(2),
        rxjs.repeatWhen((end) => end),
      ),
    foundBy: 'walk',
    beyond: 0,
  },
  'repeatWhen, with a delay': {
    make: (s) => s.pipe(rxjs.take(2), rxjs.repeatWhen(rxjs.delay(1))),
    foundBy: 'walk',
    beyond: 0,
  },
  // The item that failed came from the source, too.
  retry: { make: (s) => s.pipe(failsOnce(2), rxjs.retry()), foundBy: 'walk', needs: 6, beyond: 0 },
  'retry, with a delay': {
    make: (s) => s.pipe(failsOnce(2), rxjs.retry({ delay: 1 })),
    foundBy: 'walk',
    needs: 6,
    beyond: 0,
  },
  'retry, with a notifier': {
    make: (s) => s.pipe(failsOnce(2), rxjs.retry({ delay: () => timer(1) })),
    foundBy: 'walk',
    needs: 6,
    beyond: 0,
  },
  retryWhen: {
    make: (s) =>
      s.pipe(
        failsOnce(2),
        rxjs.retryWhen((e) => e),
      ),
    foundBy: 'walk',
    needs: 6,
    beyond: 0,
  },
  'retryWhen, with a delay': {
    make: (s) => s.pipe(failsOnce(2), rxjs.retryWhen(rxjs.delay(1))),
    foundBy: 'walk',
    needs: 6,
    beyond: 0,
  },
};

const subscribedLate: Record<string, Row> = {
  'catchError, late': {
    make: (s) =>
      timer(1).pipe(
        failsOnce(0),
        rxjs.catchError(() => s),
      ),
    foundBy: 'walk',
    beyond: 0,
  },
  'concat, late': { make: (s) => rxjs.concat(timer(1), s), foundBy: 'walk', needs: 4, beyond: 0 },
  'concatMap, a late inner': { make: (s) => timer(1, 1).pipe(rxjs.concatMap(() => s)), foundBy: 'walk', beyond: 0 },
  'defer, late': { make: (s) => late(rxjs.defer(() => s)), foundBy: 'walk', beyond: 0 },
  'exhaustMap, a late inner': { make: (s) => timer(1, 1).pipe(rxjs.exhaustMap(() => s)), foundBy: 'walk', beyond: 0 },
  'merge, late': { make: (s) => late(rxjs.merge(s, s)), foundBy: 'walk', beyond: 0 },
  'mergeMap, late inners': { make: (s) => timer(1, 1).pipe(rxjs.mergeMap(() => s)), foundBy: 'walk', beyond: 0 },
  'mergeMap, late inners, some at a time': {
    make: (s) =>
      timer(1, 1).pipe(
        rxjs.mergeMap(() => s.pipe(rxjs.take(1)), 2),
        rxjs.take(100),
      ),
    foundBy: 'walk',
    beyond: 0,
  },
  'onErrorResumeNext, late': { make: (s) => rxjs.onErrorResumeNext(timer(1), s), foundBy: 'walk', needs: 4, beyond: 0 },
  subscribeOn: { make: (s) => s.pipe(rxjs.subscribeOn(asyncScheduler)), foundBy: 'walk', beyond: 0 },
  'switchMap, a late inner': { make: (s) => timer(1).pipe(rxjs.switchMap(() => s)), foundBy: 'walk', beyond: 0 },
  // Each inner is given up for the next; what one of them sent into the full stage is none.
  'switchMap, one late inner after the other': {
    make: (s) => timer(1, 1).pipe(rxjs.switchMap(() => s)),
    foundBy: 'walk',
    beyond: 0,
  },
  'timeout, with another source': {
    make: (s) => NEVER.pipe(rxjs.timeout({ first: 1, with: () => s })),
    foundBy: 'walk',
    beyond: 0,
  },
  'timeoutWith, late': { make: (s) => NEVER.pipe(rxjs.timeoutWith(1, s)), foundBy: 'walk', beyond: 0 },
};

/** The only ones that let the source produce more than the stage wants, each with the reason. */
const exceptions: Record<string, Row> = {
  buffer: { make: (s) => s.pipe(rxjs.buffer(timer(1))), foundBy: 'walk', beyond: ALL - BOUND, because: KEEPS },
  bufferTime: { make: (s) => s.pipe(rxjs.bufferTime(1)), foundBy: 'walk', beyond: ALL - BOUND, because: KEEPS },
  bufferToggle: {
    make: (s) => s.pipe(rxjs.bufferToggle(of(1), () => timer(1))),
    foundBy: 'walk',
    beyond: ALL - BOUND,
    because: KEEPS,
  },
  bufferWhen: {
    make: (s) => s.pipe(rxjs.bufferWhen(() => timer(1))),
    foundBy: 'walk',
    beyond: ALL - BOUND,
    because: KEEPS,
  },
  'combineLatest, before one that has given nothing': {
    make: (s) => rxjs.combineLatest([s, s]),
    foundBy: 'walk',
    beyond: ALL,
    because: 'it takes all of the first source before it hears the second; it keeps one',
  },
  'concatMap, whose inners are slow': {
    make: (s) => s.pipe(rxjs.concatMap(() => NEVER)),
    foundBy: 'walk',
    beyond: ALL - BOUND,
    because: KEEPS,
  },
  'connectable, connected later': {
    make: (s) => {
      const shared = rxjs.connectable(s);
      timer(1).subscribe(() => shared.connect());
      return shared;
    },
    foundBy: 'none',
    beyond: ALL - BOUND,
    because: LOST,
  },
  delay: { make: (s) => s.pipe(rxjs.delay(1)), foundBy: 'walk', beyond: 995, because: KEEPS, items: 1_000 },
  delayWhen: {
    make: (s) => s.pipe(rxjs.delayWhen(() => timer(1))),
    foundBy: 'walk',
    beyond: 995,
    because: KEEPS,
    items: 1_000,
  },
  'mergeMap, whose inners are slow': {
    make: (s) => s.pipe(rxjs.mergeMap(() => NEVER, 2)),
    foundBy: 'walk',
    beyond: ALL - BOUND,
    because: KEEPS,
  },
  observeOn: {
    make: (s) => s.pipe(rxjs.observeOn(asyncScheduler)),
    foundBy: 'walk',
    beyond: 995,
    because: KEEPS,
    items: 1_000,
  },
  scheduled: {
    make: (s) => rxjs.scheduled(s, asyncScheduler),
    foundBy: 'walk',
    beyond: 995,
    because: KEEPS,
    items: 1_000,
  },
  sequenceEqual: {
    make: (s) => s.pipe(rxjs.sequenceEqual<number>(NEVER)),
    foundBy: 'walk',
    beyond: ALL - BOUND,
    because: KEEPS,
  },
  'share, subscribed again later': {
    make: (s) => s.pipe(failsOnce(2), rxjs.share(), rxjs.retry({ delay: 1 })),
    foundBy: 'fallback, then none',
    needs: 6,
    beyond: ALL - 3,
    because: LOST,
  },
  zip: { make: (s) => rxjs.zip(s, NEVER), foundBy: 'walk', beyond: ALL - BOUND, because: KEEPS },
  zipAll: {
    make: (s) => of<Observable<number>[]>(s, NEVER).pipe(rxjs.zipAll()),
    foundBy: 'walk',
    beyond: ALL - BOUND,
    because: KEEPS,
  },
  zipWith: { make: (s) => s.pipe(rxjs.zipWith(NEVER)), foundBy: 'walk', beyond: ALL - BOUND, because: KEEPS },
};
/* oxlint-enable typescript/no-deprecated */

const groups = {
  'one for one': oneForOne,
  'several for one, or only some': severalForOne,
  'one for all': oneForAll,
  'flattening and combining': flattening,
  'creation functions that take sources': creating,
  multicasting,
  'subscribed again': subscribedAgain,
  'subscribed late': subscribedLate,
  exceptions,
};

const MAKES = 'makes its own items, which nothing can hold back; see below';
const NO_ITEMS = 'gives no items';
const NO_OPERATOR = 'is no operator and no creation function';

/** Every other export of RxJS, and why it is not in the table. */
const notApplicable: Record<string, string> = {
  ...because(MAKES, 'bindCallback bindNodeCallback fromEvent fromEventPattern generate interval of pairs range timer'),
  ...because(MAKES, 'animationFrames'),
  ...because(NO_ITEMS, 'EMPTY NEVER empty never throwError'),
  ...because(NO_OPERATOR, 'Notification NotificationKind Scheduler Subscriber Subscription observable'),
  ...because(NO_OPERATOR, 'AsyncSubject BehaviorSubject ConnectableObservable ReplaySubject'),
  ...because(NO_OPERATOR, 'animationFrame animationFrameScheduler asap asapScheduler async asyncScheduler queue'),
  ...because(NO_OPERATOR, 'queueScheduler VirtualAction VirtualTimeScheduler'),
  ...because(NO_OPERATOR, 'config firstValueFrom identity isObservable lastValueFrom noop pipe'),
  ...because(NO_OPERATOR, 'ArgumentOutOfRangeError EmptyError NotFoundError ObjectUnsubscribedError SequenceError'),
  ...because(NO_OPERATOR, 'TimeoutError UnsubscriptionError'),
};

function because(reason: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, reason]));
}

interface Measured {
  produced: number;
  foundBy: string;
  /** Whether the stage holds all it may, or every source has ended. */
  isAtRest: boolean;
  /** What the stage's gate still has to do with the sources once it is unsubscribed. */
  left: { attached: number; waiting: number };
}

/** A flow of counted items through `make` into a stage that never finishes one. */
class Trial {
  readonly flow: Observable<never>;
  produced = 0;
  readonly #foundBy = new Set<string>();
  #live = 0;
  #arrived = 0;
  #gate!: Gate;

  constructor({ make, items = ALL }: Pick<Row, 'make' | 'items'>) {
    const source = new Observable<number>((subscriber) => {
      this.#foundBy.add(this.#howFound(subscriber));
      this.#live++;
      subscriber.add(() => this.#live--);
      fromIterable(() => this.#count(items)).subscribe(subscriber);
    });
    this.flow = new Observable<unknown>((subscriber) => {
      this.#gate = gateBelow(subscriber);
      make(source)
        .pipe(rxjs.tap(() => this.#arrived++))
        .subscribe(subscriber);
    }).pipe(workerPool(() => NEVER, { concurrency: 2, capacity: 3 }));
  }

  measure(): Measured {
    const { produced } = this;
    const isAtRest = this.#live === 0 || (this.#arrived >= BOUND && !this.#gate.isOpen);
    return { produced, foundBy: [...this.#foundBy].join(', then '), isAtRest, left: this.#gate };
  }

  *#count(items: number): Generator<number> {
    for (let i = 0; i < items; i++) {
      this.produced++;
      yield i;
    }
  }

  #howFound(subscriber: rxjs.Subscriber<number>): string {
    interface Link {
      readonly [GATE]?: Gate;
      readonly destination?: Link;
    }
    for (let link: Link | undefined = subscriber as unknown as Link; link; link = link.destination) {
      if (link[GATE] === this.#gate) return 'walk';
    }
    return gateBelow(subscriber) === this.#gate ? 'fallback' : 'none';
  }
}

/** In virtual time, until nothing more can happen but what goes on for ever. */
function run(row: Row): Measured {
  let measured: Measured | undefined;
  const scheduler = new TestScheduler(() => {});
  scheduler.run(() => {
    const trial = new Trial(row);
    const subscription = trial.flow.subscribe();
    scheduler.schedule(() => {
      measured = trial.measure();
      subscription.unsubscribe();
    }, REST);
  });
  return measured!;
}

let warnings = 0;
beforeEach(() => {
  warnings = 0;
  vi.spyOn(hooks, 'warn').mockImplementation(() => void warnings++);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(Object.entries(groups))('200,000 items above a stage for 5: %s', (_, group) => {
  test.each(Object.entries(group))('%s', (_name, { needs = BOUND, foundBy, beyond, because: reason, ...row }) => {
    const measured = run({ foundBy, beyond, ...row });
    expect({ foundBy: measured.foundBy, beyond: measured.produced - needs }).toEqual({ foundBy, beyond });
    expect(beyond === 0).toBe(reason === undefined);
    expect(measured.left).toMatchObject({ attached: 0, waiting: 0 });
    if (reason !== undefined) return;
    expect(measured.isAtRest).toBe(true);
    expect(warnings).toBe(0);
  });
});

describe('subscribed in another turn of the event loop', () => {
  test.each<[string, Row['make']]>([
    ['after a promise', (s) => rxjs.from(Promise.resolve()).pipe(rxjs.mergeMap(() => s))],
    ['after a promise, by concat', (s) => rxjs.concat(rxjs.from(Promise.resolve()).pipe(rxjs.ignoreElements()), s)],
    ['again after a promise', (s) => s.pipe(rxjs.take(2), rxjs.repeat({ delay: () => Promise.resolve() }))],
    ['on a scheduler', (s) => s.pipe(rxjs.subscribeOn(rxjs.asapScheduler))],
  ])('%s', async (_, make) => {
    const trial = new Trial({ make });
    const subscription = trial.flow.subscribe();
    await atRest();
    expect(trial.measure()).toMatchObject({ produced: BOUND, foundBy: 'walk', isAtRest: true });
    subscription.unsubscribe();
    expect(trial.measure().left).toMatchObject({ attached: 0, waiting: 0 });
  });
});

describe('G7: creation functions that make their own items overrun the stage, which warns once and keeps everything', () => {
  test.each<[string, () => Observable<unknown>]>([
    ['from', () => rxjs.from(Array.from({ length: 100 }, (_, i) => i))],
    ['generate', () => rxjs.generate({ initialState: 0, condition: (n) => n < 100, iterate: (n) => n + 1 })],
    ['interval', () => rxjs.interval(0).pipe(rxjs.take(100))],
    ['of', () => of(...Array.from({ length: 100 }, (_, i) => i))],
    ['range', () => rxjs.range(0, 100)],
    ['timer', () => timer(0, 0).pipe(rxjs.take(100))],
  ])('%s', (_, make) => {
    let arrived = 0;
    let failed = false;
    const scheduler = new TestScheduler(() => {});
    scheduler.run(() => {
      const subscription = make()
        .pipe(
          rxjs.tap(() => arrived++),
          workerPool(() => NEVER, { concurrency: 2, capacity: 3 }),
        )
        .subscribe({ error: () => (failed = true) });
      scheduler.schedule(() => subscription.unsubscribe(), 1_000);
    });
    expect({ arrived, warnings, failed }).toEqual({ arrived: 100, warnings: 1, failed: false });
  });
});

describe('the table', () => {
  const named = Object.values(groups).flatMap((group) => Object.keys(group).map((name) => name.split(',')[0]!));

  test('names every export of RxJS, or says why it is not in it', () => {
    const known = new Set([...named, ...Object.keys(notApplicable)]);
    expect(Object.keys(rxjs).filter((name) => !known.has(name))).toEqual([]);
  });

  test('names nothing that RxJS does not have, and nothing twice', () => {
    expect([...named, ...Object.keys(notApplicable)].filter((name) => !(name in rxjs))).toEqual([]);
    expect(named.filter((name) => name in notApplicable)).toEqual([]);
    const names = Object.values(groups).flatMap((group) => Object.keys(group));
    expect(names.length).toBe(new Set(names).size);
  });
});
