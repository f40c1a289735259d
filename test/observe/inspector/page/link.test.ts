import { afterEach, describe, expect, test, vi } from 'vitest';
import { FlowModel } from '../../../../src/observe/inspector/page/flow/FlowModel.ts';
import { askHistogram } from '../../../../src/observe/inspector/page/link/askHistogram.ts';
import { Said } from '../../../../src/observe/inspector/page/link/Said.ts';
import type { Message } from '../../../../src/observe/inspector/page/link/Sink.ts';
import type { FakeFlow } from '../browser/FakeFlow.ts';
import { photographs } from '../browser/fakeFlows.ts';

const hello: Message = { type: 'hello', data: { program: 'a.ts', pid: 1, node: 'v20', every: 100 } };
const process = { loopDelay: 1, memory: 1, heap: 1, cpu: 0 };
const graph = (flow: FakeFlow): Message => ({ type: 'graph', data: flow.graph });
const tick = (...flows: FakeFlow[]): Message => ({
  type: 'tick',
  data: { at: 1, process, flows: flows.map((it) => it.tick) },
});

const words = (said: Said) =>
  said.all.map((word) => {
    if ('status' in word) return 'status';
    return word.message.type === 'graph' ? `graph ${word.message.data.flow}` : word.message.type;
  });

describe('Said', () => {
  const status = { phase: 'live', since: 1, tries: 0 } as const;
  const hear = (...messages: readonly Message[]): Said => {
    const said = new Said();
    said.status(status);
    for (const message of messages) said.take(message);
    return said;
  };
  test('is the last of everything, in the order in which it was said', () => {
    const [one, two] = [photographs(1), photographs(2)];
    const said = hear(hello, graph(one), tick(one), graph(two), tick(one, two), { type: 'bye' });
    expect(words(said)).toEqual(['status', 'hello', 'graph 1', 'graph 2', 'tick']);
    said.take(graph(one));
    expect(words(said)).toEqual(['status', 'hello', 'graph 2', 'tick', 'graph 1']);
  });

  test('begins anew with each greeting, but for how the page stands with the server', () => {
    const flow = photographs();
    expect(words(hear(hello, graph(flow), tick(flow), hello))).toEqual(['status', 'hello']);
  });

  test('is of those flows that the server still shows, however many there were', () => {
    const said = hear(hello);
    for (let i = 1; i <= 500; i++) {
      const [before, now] = [photographs(i - 1), photographs(i)];
      said.take(graph(now));
      said.take(tick(before, now));
    }
    expect(words(said)).toEqual(['status', 'hello', 'graph 499', 'graph 500', 'tick']);
  });
});

/** Answers like a server that has these stages. Gives what it was asked. */
function serve(answer: (place: number) => object | undefined): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address);
    const body = answer(Number(/stage=(\d+)/.exec(address)![1]));
    return Promise.resolve(body === undefined ? new Response('', { status: 404 }) : Response.json(body));
  });
  return asked;
}

describe('askHistogram', () => {
  afterEach(() => vi.unstubAllGlobals());

  const { signal } = new AbortController();

  test('asks by the place that the stage has now, whatever graph is drawn', async () => {
    const flow = photographs(7);
    const model = new FlowModel(flow.graph);
    const asked = serve((place) => ({ name: model.graph.stages[place]!.name, buckets: [place] }));
    expect(await askHistogram(model, 'store', signal)).toEqual([5]);
    model.graph = { ...flow.graph, stages: flow.graph.stages.slice(1) };
    expect(await askHistogram(model, 'store', signal)).toEqual([4]);
    expect(await askHistogram(model, 'list files', signal)).toBeUndefined();
    expect(asked).toEqual(['histogram?flow=7&stage=5', 'histogram?flow=7&stage=4']);
  });

  test("takes no other stage's answer from a server that has another graph already", async () => {
    const model = new FlowModel(photographs().graph);
    serve((place) => ({ name: model.graph.stages[place - 1]!.name, buckets: [1] }));
    expect(await askHistogram(model, 'store', signal)).toBeUndefined();
    serve(() => undefined);
    expect(await askHistogram(model, 'store', signal)).toBeUndefined();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
    expect(await askHistogram(model, 'store', signal)).toBeUndefined();
  });
});
