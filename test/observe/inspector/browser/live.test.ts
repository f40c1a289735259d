import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { filter, map } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forEach, fromIterable, named, run, workerPool } from '../../../../src/index.ts';
import { complaintsOf, Look } from './Look.ts';

const PATIENCE = 300_000;
const SOON = { timeout: 60_000, interval: 100 };
const sleep = <T>(ms: number, value: T): Promise<T> => new Promise((done) => void setTimeout(done, ms, value));

let look: Look;

beforeAll(async () => {
  // The inspector serves the page that was built with the package.
  await promisify(execFile)('npm', ['run', 'build']);
  look = await Look.begin();
}, PATIENCE);

afterAll(() => look?.end(), PATIENCE);

describe('the inspector of a flow that runs', { timeout: PATIENCE }, () => {
  test('shows its counts moving, its bottleneck and why, its failures, and how it ended', async () => {
    const flow = fromIterable(
      (function* () {
        for (let id = 0; ; id++) yield { id, token: 'hunter2' };
      })(),
    ).pipe(
      map((order) => order),
      filter(() => true),
      named('parse'),
      workerPool((order) => sleep(1, order), { name: 'enrich', concurrency: 8 }),
      workerPool(
        async (order) => {
          await sleep(10, order);
          if (order.id % 50 === 49) throw new Error('the database said no');
          return order;
        },
        { name: 'store', concurrency: 2, onError: 'skip' },
      ),
      forEach(() => {}),
    );
    const running = run(flow, { name: 'orders', inspect: { port: 0 } });
    await expect.poll(() => running.inspector?.url, SOON).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const window = await look.window();
    const page = await window.newPage();
    const wrong = complaintsOf(page);
    await page.goto(running.inspector!.url);
    const text = (selector: string) => page.locator(selector).first().innerText();
    const sees = (selector: string, what: RegExp) => expect.poll(() => text(selector), SOON).toMatch(what);

    await sees('[data-test="verdict"] h2', /^store is the bottleneck/);
    await sees('[data-test="verdict"]', /while "\w+" above it was held back \d+ %/);
    // With a word, on that stage and no other.
    const flags = (within: string) => page.locator(`${within} .flag`).allInnerTexts();
    await expect.poll(() => flags('.node'), SOON).toEqual(['BOTTLENECK']);
    await expect.poll(() => flags('.node[data-stage="store"]'), SOON).toEqual(['BOTTLENECK']);
    await sees('[data-stage="store"]', /[1-9]\d*(\.\d+)?\/s/);
    // A count since the beginning moves for no other reason than that the page is told more.
    const failed = async () =>
      Number(/([\d,]+) failed/.exec(await text('[data-stage="store"]'))?.[1]?.replace(',', '') ?? 0);
    await expect.poll(failed, SOON).toBeGreaterThan(0);
    const before = await failed();
    await expect.poll(failed, SOON).toBeGreaterThan(before);
    await sees('body', /the database said no/);
    expect(await text('body')).not.toContain('hunter2');
    for (const stage of ['fromIterable', 'parse', 'enrich', 'store', 'forEach']) {
      await page.waitForSelector(`[data-stage="${stage}"]`, SOON);
    }
    await Look.picture(page, 'live');

    const report = await running.shutdown();
    // What the page said while it ran, the report says of the whole.
    expect(report.bottleneck?.name).toBe('store');
    await sees('body', /ended[^]*was told to end|told to/i);
    await Look.picture(page, 'live-quit');
    // The program goes on, and its inspector is gone: the page says so and is no worse for it.
    expect(wrong.filter((it) => !/ERR_CONNECTION_REFUSED|Failed to load resource/.test(it))).toEqual([]);
    await window.close();
  });
});
