import { merge } from 'rxjs';
import { describe as group, expect, expectTypeOf, test } from 'vitest';
import { fanOut, forEach, fromIterable, named, run, workerPool } from '../../src/index.ts';
import { describe, type FlowDescription } from '../../src/observe.ts';
import type { FlowStats } from '../../src/observe/report.ts';
import { stageReport } from './stageReport.ts';

const stats = (...stages: FlowStats['stages']): FlowStats => ({
  name: 'my "flow"',
  elapsed: 1,
  results: 0,
  lateErrors: 0,
  stages,
  threads: [],
  gauges: [],
  failures: [],
});

const lane = (name: string) => workerPool((n: number) => n, { name });

group('describe', () => {
  test('gives the graph as JSON, Mermaid and DOT', () => {
    const it = describe(
      stats(
        stageReport('lines', { kind: 'source', to: ['parse'] }),
        stageReport('parse', { kind: 'stretch', to: ['store'] }),
        stageReport('store'),
      ),
    );
    expect(JSON.parse(JSON.stringify(it))).toEqual({
      name: 'my "flow"',
      nodes: [
        { name: 'lines', kind: 'source' },
        { name: 'parse', kind: 'stretch' },
        { name: 'store', kind: 'stage' },
      ],
      edges: [
        { from: 'lines', to: 'parse' },
        { from: 'parse', to: 'store' },
      ],
    });
    expect(it.mermaid.split('\n')).toEqual([
      'flowchart LR',
      '  n0(["lines"])',
      '  n1>"parse"]',
      '  n2["store"]',
      '  n0 --> n1',
      '  n1 --> n2',
    ]);
    expect(it.dot.split('\n')).toEqual([
      String.raw`digraph "my \"flow\"" {`,
      '  rankdir=LR;',
      '  n0 [label="lines", shape=ellipse];',
      '  n1 [label="parse", shape=cds];',
      '  n2 [label="store", shape=box];',
      '  n0 -> n1;',
      '  n1 -> n2;',
      '}',
    ]);
  });

  test('escapes names, so that none can become code', () => {
    const it = describe(stats(stageReport(String.raw`a"]; click x "javascript:b()" \ <b>`)));
    expect(it.mermaid).toContain('["a#34;#93;#59; click x #34;javascript:b#40;#41;#34; #92; #60;b#62;"]');
    expect(it.dot).toContain(String.raw`label="a\"]; click x \"javascript:b()\" \\ <b>"`);
  });

  test('has every way of a flow that branches, from a run', async () => {
    const report = await run(
      merge(fromIterable([1, 2]), fromIterable([3])).pipe(
        named('all'),
        fanOut(2, (items$, i) => items$.pipe(lane(`lane ${i}`))),
        forEach(() => {}),
      ),
    ).done;
    const { edges } = describe(report);
    expect(edges.map(({ from, to }) => `${from} → ${to}`).toSorted()).toEqual([
      'all → fanOut',
      'fanOut → lane 0',
      'fanOut → lane 1',
      'fromIterable 2 → all',
      'fromIterable → all',
      'lane 0 → forEach',
      'lane 1 → forEach',
    ]);
  });

  test('of a flow that has no stage yet is empty', () => {
    const it = describe(stats());
    expect([it.nodes, it.edges, it.mermaid]).toEqual([[], [], 'flowchart LR']);
    expectTypeOf(it).toEqualTypeOf<FlowDescription>();
  });
});
