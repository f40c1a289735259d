import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeFlow } from './FakeFlow.ts';
import { manyStages, photographs } from './fakeFlows.ts';
import { FakeInspector } from './FakeInspector.ts';
import { complaintsOf, Look } from './Look.ts';

const PATIENCE = 300_000;
/** Milliseconds that something may take to be seen: the machine may be busy. */
const SOON = { timeout: 60_000 };

let look: Look;
let server: FakeInspector;
const windows: BrowserContext[] = [];
/** What went wrong in any page of the test, which is nothing but what it has `expected`. */
let wrong: string[][];
let expected: RegExp;

beforeAll(async () => {
  look = await Look.begin();
}, PATIENCE);

afterAll(() => look?.end(), PATIENCE);

beforeEach(async () => {
  server = await FakeInspector.open(look.folder);
  wrong = [];
  expected = /^$/;
});

afterEach(async () => {
  for (const window of windows.splice(0)) await window.close();
  await server.close();
  expect(wrong.flat().filter((it) => !expected.test(it))).toEqual([]);
});

async function open(options?: BrowserContextOptions): Promise<Page> {
  const window = await look.window(options);
  windows.push(window);
  return openIn(window);
}

async function openIn(window: BrowserContext): Promise<Page> {
  const page = await window.newPage();
  page.setDefaultTimeout(SOON.timeout);
  wrong.push(complaintsOf(page));
  await page.goto(server.url);
  return page;
}

const node = (name: string) => `[data-stage="${name}"]`;
const test$ = (name: string) => `[data-test="${name}"]`;
const textOf = (page: Page, selector: string) => page.locator(selector).first().innerText();
const sees = (page: Page, selector: string, text: RegExp) =>
  expect.poll(() => textOf(page, selector), { message: selector, ...SOON }).toMatch(text);

/** Whether the page is wider than its window. */
const overflow = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth');

/** A name that would run a script if it were taken for HTML. */
const hostile = (name: string) =>
  `<img src=x onerror="globalThis.hacked=1"> ${name} </script><script>hacked=1</script>`;

describe('the page of the inspector', { timeout: PATIENCE }, () => {
  test('X10 has nothing inline, and asks only for files beside it', async () => {
    const html = await readFile(join(look.folder, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(addresses).toHaveLength(3);
    expect(addresses.filter((it) => !/^\.\/assets\/[\w-]+\.(js|css|svg)$/.test(it!))).toEqual([]);
  });

  test('says which stage is the bottleneck and why, with counts that move', async () => {
    server.flows = [photographs()];
    server.play();
    const page = await open();
    await sees(page, `${test$('verdict')} h2`, /^store is the bottleneck/);
    await sees(
      page,
      test$('verdict'),
      /95 % of the time and held back 1 %, while "resize" above it was held back 46 %\./,
    );
    // Not by colour alone: with a word, on that stage and no other.
    expect(await page.locator('.node .flag').allInnerTexts()).toEqual(['BOTTLENECK']);
    expect(await page.locator(`${node('store')} .flag`).count()).toBe(1);
    await sees(page, node('store'), /\b8\d\d\/s[^]*16 held[^]*9\d% busy · \d% idle · \d% held back/);
    await sees(page, node('list files'), /source[^]*\b8\d\d\/s/);
    await sees(page, node('thumbnails'), /dropped/);
    const results = () => textOf(page, '.flow-tab .figures');
    const before = await results();
    await expect.poll(results, SOON).not.toBe(before);
    expect(await page.locator('.edges text').allTextContents()).toContainEqual(expect.stringMatching(/^8\d\d\/s$/));
    await Look.picture(page, 'running');
  });

  test('shows errors, threads that are stuck, breakers and limits', async () => {
    server.flows = [photographs()];
    server.play();
    const page = await open();
    await sees(page, `${test$('failures')} li`, /resize\s+TaskTimeoutError: took longer[^]*item 3,307[^]*try 2/);
    await sees(page, `${test$('threads')} li:nth-child(2)`, /pictures\s*#1\s+stuck for \d+ s on resize, item 4,121/);
    await sees(page, `${test$('threads')} li:nth-child(3)`, /1 restart/);
    await sees(page, test$('gauges'), /storage\s+half-open[^]*requests[^]*waiting\s+12/);
    server.flows[0]!.failures.push({ at: 9000, stage: 'store', error: 'Error: disk full', index: 7 });
    await sees(page, `${test$('failures')} li`, /store\s+Error: disk full/);
    await sees(page, test$('process'), /Event-loop delay[^]*ms[^]*Memory[^]*MiB[^]*Processor[^]*%/);
  });

  test('shows a stage in detail: figures, charts, histogram, and where its items are', async () => {
    server.flows = [photographs()];
    server.play();
    const page = await open();
    await page.click(node('thumbnails'));
    const detail = test$('detail');
    await sees(page, detail, /Queue depth[^]*Shares of the time[^]*Latency so far/);
    expect(await page.locator(`${detail} .uplot canvas`).count()).toBe(4);
    await sees(page, `${detail} ${test$('balance')}`, /oldest gave way\s+400\s+too large\s+170/);
    await sees(page, `${detail} .check`, /^✓ Every item is accounted for/);
    await sees(page, test$('heatmap'), /half within \d/);
    // A histogram that has grown was drawn, darker than nothing.
    await expect.poll(() => page.evaluate(PAINTED), SOON).toBeGreaterThan(500);
    // A stage that loses items is told from one that does not.
    server.flows[0]!.stages = server.flows[0]!.stages.map((it) =>
      it.name === 'thumbnails' ? { ...it, fixed: { ...it.fixed, in: 5 } } : it,
    );
    await sees(page, `${detail} .check`, /^✗ These make up [\d,]+, which is [\d,]+ more than arrived/);
    await page.click(node('store'));
    await sees(page, `${detail} h2`, /^store$/);
    await Look.picture(page, 'detail');
  });

  test('is usable by keyboard alone', async () => {
    server.flows = [photographs()];
    server.play();
    const page = await open();
    await page.waitForSelector(node('store'));
    const focused = () => page.evaluate('document.activeElement?.dataset.stage');
    for (let i = 0; (await focused()) === undefined && i < 20; i++) await page.keyboard.press('Tab');
    // The bottleneck is where one comes in; arrows go on from there, Tab goes past the other stages.
    expect(await focused()).toBe('store');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    const direction = await page.getAttribute(test$('graph'), 'data-direction');
    const [on, back] = direction === 'down' ? ['ArrowDown', 'ArrowUp'] : ['ArrowRight', 'ArrowLeft'];
    await page.keyboard.press(on);
    expect(await focused()).toBe('count');
    await page.keyboard.press(back);
    expect(['store', 'thumbnails']).toContain(await focused());
    await page.keyboard.press('Home');
    expect(await focused()).toBe('list files');
    await page.keyboard.press('Enter');
    await sees(page, `${test$('detail')} h2`, /list files/);
    expect(await page.getAttribute(node('list files'), 'aria-pressed')).toBe('true');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator(test$('detail')).count(), SOON).toBe(0);
    expect(await focused()).toBe('list files');
    expect(await page.getAttribute(node('store'), 'aria-label')).toMatch(
      /^store, stage, the bottleneck, \d+ a second, 16 held, \d+ % busy, \d+ % idle, \d+ % held back$/,
    );
    await page.getByRole('button', { name: 'Table' }).click();
    await sees(page, `${test$('table')} tr.bottleneck`, /store\s+BOTTLENECK\s+8\d\d\/s\s+16\s+9\d%/);
  });

  test('holds still while it is paused, and loses nothing', async () => {
    server.flows = [photographs()];
    const page = await open();
    for (let i = 0; i < 20; i++) server.advance();
    await sees(page, '.flow-tab .figures', /^2 s/);
    await page.click(test$('pause'));
    for (let i = 0; i < 30; i++) server.advance();
    await page.waitForTimeout(500);
    expect(await textOf(page, '.flow-tab .figures')).toMatch(/^2 s/);
    await page.click(node('store'));
    await sees(page, test$('counters'), new RegExp(`Values out\\s+${(812 * 2).toLocaleString('en')}\\s`));
    await Look.picture(page, 'paused');
    await page.click(test$('pause'));
    await sees(page, '.flow-tab .figures', /^5 s/);
    await sees(page, test$('counters'), new RegExp(`Values out\\s+${(812 * 5).toLocaleString('en')}\\s`));
  });

  test('X10 shows hostile names as text, and makes no element of them', async () => {
    const flow = new FakeFlow(1, hostile('flow'), [
      { name: hostile('a'), kind: 'source', to: [1], perSecond: { out: 10, busy: 1000 } },
      { name: hostile('b'), perSecond: { completed: 10, idle: 1000 }, pool: hostile('pool') },
    ]);
    flow.failures = [{ at: 1, stage: hostile('a'), error: hostile('error'), item: hostile('item') }];
    flow.threads = [
      {
        pool: hostile('pool'),
        thread: 0,
        state: 'working',
        stage: hostile('b'),
        busy: 0,
        time: 0,
        items: 0,
        restarts: 0,
        external: 0,
      },
    ];
    flow.gauges = [
      { kind: 'rate limit', name: hostile('gauge'), state: hostile('state'), figures: { [hostile('figure')]: 1 } },
    ];
    flow.more = {
      state: 'failed',
      reason: hostile('reason'),
      bottleneck: { stage: 0, why: hostile('why') },
      advice: [hostile('advice')],
      notes: { 1: hostile('note') },
      droppedFor: { 1: { [hostile('drop')]: 1 } },
    };
    server.flows = [flow];
    server.hello = { ...server.hello, program: hostile('program') };
    const page = await open();
    await sees(page, test$('failures'), /<img src=x onerror/);
    await page.locator('.node').nth(1).click();
    for (const part of ['drop', 'note', 'pool'])
      await sees(page, test$('detail'), new RegExp(`<img src=x onerror="globalThis.hacked=1"> ${part} </script>`));
    await page.getByRole('button', { name: 'Table' }).click();
    await sees(page, test$('table'), /<img/);
    expect(await page.locator('img, script:not([src]), [onerror]').count()).toBe(0);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await overflow(page)).toBe(0);
  });

  test('draws 300 stages ten times a second with little work', async () => {
    server.flows = [manyStages(300)];
    const began = performance.now();
    const page = await open();
    await page.waitForSelector('.node');
    const drawn = performance.now() - began;
    expect(await page.locator('.node').count()).toBe(300);
    const debug = await page.context().newCDPSession(page);
    await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
    const work = async () => {
      const { metrics } = await debug.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
    };
    const ticks = 50;
    const before = await work();
    for (let i = 0; i < ticks; i++) {
      server.advance();
      await page.waitForTimeout(100);
    }
    await sees(page, '.flow-tab .figures', /^5 s/);
    const each = ((await work()) - before) / ticks;
    await writeFile(
      'out/inspector/cost.json',
      `${JSON.stringify({ stages: 300, drawn, millisecondsPerTick: each })}\n`,
    );
    // A tenth of a second is what there is; the processor's time, so that a busy machine does not count.
    expect(each).toBeLessThan(60);
    expect(drawn).toBeLessThan(60_000);
    await Look.picture(page, 'many');
  });

  test.each(['light', 'dark'] as const)('fits a phone, in %s', async (colorScheme) => {
    server.flows = [photographs()];
    server.play();
    const page = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme });
    await page.tap(node('store'));
    await sees(page, test$('heatmap'), /half within \d/);
    expect(await overflow(page)).toBe(0);
    await Look.picture(page, `phone-${colorScheme}`);
    await page.getByRole('button', { name: 'Table' }).tap();
    await page.waitForSelector(test$('table'));
    expect(await overflow(page)).toBe(0);
  });

  test('remembers whether it is light or dark', async () => {
    server.flows = [photographs()];
    const page = await open({ colorScheme: 'light' });
    await page.waitForSelector(node('store'));
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await ground();
    await page.selectOption('.theme select', 'dark');
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.waitForSelector(node('store'));
    expect(await ground()).toBe(dark);
    await Look.picture(page, 'dark');
  });

  test('says that there is no flow yet, and shows one once there is', async () => {
    const page = await open();
    await sees(page, test$('empty'), /No flow yet/);
    await Look.picture(page, 'empty');
    server.flows = [photographs()];
    server.say('graph', server.flows[0]!.graph);
    server.advance();
    await sees(page, node('store'), /store/);
  });

  test.each([
    ['completed', undefined, /^Completed after 3 s with 3,156 results\.\s+store was the bottleneck\./],
    ['quit', undefined, /^Ended after 3 s as it was told to, with everything in flight finished and 3,156 results\./],
    [
      'aborted',
      'AbortError: no longer wanted',
      /^Aborted after 3 s, 3,156 results, 48 items abandoned: AbortError: no/,
    ],
    ['failed', 'Error: disk full', /^Failed after 3 s, 3,156 results, 48 items abandoned: Error: disk full/],
  ] as const)('says that a flow has %s, and why', async (state, reason, says) => {
    const flow = photographs();
    server.flows = [flow];
    const page = await open();
    for (let i = 0; i < 30; i++) server.advance();
    await sees(page, '.flow-tab', /running/);
    flow.state = state;
    if (reason !== undefined) flow.more = { ...flow.more, reason, abandoned: 48 };
    server.advance();
    await sees(page, test$('verdict'), says);
    await Look.picture(page, state);
  });

  test('shows several flows, the one that runs first', async () => {
    const done = photographs(1);
    done.state = 'completed';
    server.flows = [done, manyStages(20)];
    server.flows[1] = Object.assign(manyStages(20), { flow: 2 });
    server.play();
    const page = await open();
    await sees(page, '.flow-tab[aria-current]', /many stages\s+running/);
    await page.getByRole('button', { name: /photographs/ }).click();
    await sees(page, '.flow-tab[aria-current]', /photographs\s+completed/);
    expect(await page.locator('.node').count()).toBe(7);
  });

  test('keeps the last picture when the connection is lost, and finds the program again', async () => {
    expected = /ERR_/;
    server.flows = [photographs()];
    server.play();
    const page = await open();
    await sees(page, test$('connection'), /^live$/);
    const { port } = server;
    await server.close();
    await sees(
      page,
      test$('banner'),
      /connection to 127\.0\.0\.1:\d+ was lost .* ago, at \d.*Trying again.*the last picture/,
    );
    await sees(page, node('store'), /store/);
    await Look.picture(page, 'lost');
    server = await FakeInspector.open(look.folder, port);
    server.hello = { ...server.hello, pid: 4712 };
    server.flows = [Object.assign(photographs(), { name: 'second attempt' })];
    await sees(page, '.flow-tab', /second attempt/);
    await sees(page, test$('connection'), /^live$/);
  });

  test('says that the program has ended', async () => {
    expected = /ERR_/;
    server.flows = [photographs()];
    server.play();
    const page = await open();
    await sees(page, test$('connection'), /^live$/);
    server.rest();
    server.flows[0]!.state = 'completed';
    server.advance();
    server.bye();
    await sees(page, test$('banner'), /last flow ended at \d\d:\d\d:\d\d, and its inspector with it.*the last picture/);
    await sees(page, test$('verdict'), /^Completed after/);
    await server.close();
    await Look.picture(page, 'ended');
  });

  test('says that nothing comes any more, where the event loop of the program is blocked', async () => {
    server.flows = [photographs()];
    const page = await open();
    await sees(page, test$('banner'), /Nothing has come for \d+ s: the program's event loop is blocked/);
    server.play();
    await sees(page, test$('connection'), /^live$/);
  });

  test('I3 asks for snapshots where there is no room for another listener', async () => {
    expected = /503/;
    server.refusal = 503;
    server.flows = [photographs()];
    server.play();
    const page = await open();
    await sees(page, test$('connection'), /^live, once a second$/);
    await sees(page, node('store'), /8\d\d\/s/);
    expect(server.polled).toBeGreaterThan(1);
    server.refusal = undefined;
    await sees(page, test$('connection'), /^live$/);
  });

  test('I3 listens once for several tabs, and another takes over when that one closes', async () => {
    server.flows = [photographs()];
    server.play();
    const window = await look.window();
    windows.push(window);
    const [first, ...others] = [await openIn(window), await openIn(window), await openIn(window)];
    for (const page of [first, ...others]) {
      await page.bringToFront();
      await sees(page, node('store'), /8\d\d\/s/);
      await sees(page, test$('connection'), /^live$/);
    }
    expect([server.listeners, server.opened]).toEqual([1, 1]);
    await first.close();
    await expect.poll(() => server.opened, SOON).toBe(2);
    for (const page of others) {
      await page.bringToFront();
      const before = await textOf(page, '.flow-tab .figures');
      await expect.poll(() => textOf(page, '.flow-tab .figures'), SOON).not.toBe(before);
      await sees(page, test$('connection'), /^live$/);
    }
    expect(server.listeners).toBe(1);
  });
});

/** How many pixels of the heat map are painted. */
const PAINTED = `(() => {
  const canvas = document.querySelector('.heat');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((it, i) => i % 4 === 3 && it > 0).length;
})()`;
