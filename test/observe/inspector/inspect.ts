import { expect } from 'vitest';
import { Inspector, type Inspected } from '../../../src/observe/inspector/Inspector.ts';
import { FakeView } from './fixtures/FakeView.ts';

/** Runs `body` with a flow that is shown on a port of its own, and ends the flow. */
export async function inspected<R>(
  body: (port: number, view: FakeView, inspected: Inspected) => Promise<R>,
  view = new FakeView(),
): Promise<R> {
  const shown = await Inspector.attach(view, { port: 0, print: () => {} });
  expect(shown).toBeDefined();
  try {
    return await body(Number(new URL(shown!.url).port), view, shown!);
  } finally {
    if (view.report === undefined) view.end();
  }
}
