import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeFlow } from './FakeFlow.ts';
import { manyStages, photographs } from './fakeFlows.ts';
import { FakeInspector } from './FakeInspector.ts';
import { complaintsOf, Look } from './Look.ts';

const PATIENCE = 300_000;
/** Milliseconds that something may take to be seen: the machine may be busy. */
const SOON = { timeout: 60_000, interval: 100 };

const DESK: BrowserContextOptions = {};
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

let look: Look;
/** Where the built page lies. */
let folder: string;
let server: FakeInspector;
/**
 * A page of each kind of window, which goes from test to test: a new one takes a second of the processor's time. What it remembers
 * it does by the address, and each test has a server at another.
 */
const kept = new Map<BrowserContextOptions, Page>();
/** What went wrong in each page during the test, which is nothing but what it has `expected`. */
const wrong = new Map<Page, string[]>();
let expected: RegExp;

beforeAll(async () => {
  look = await Look.begin();
  folder = await mkdtemp(join(tmpdir(), 'sluice-inspector-'));
  await build({ configFile: 'vite.page.config.ts', build: { outDir: folder } });
}, PATIENCE);

afterAll(async () => {
  await look?.end();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}, PATIENCE);

beforeEach(async () => {
  server = await FakeInspector.open(folder);
  expected = /^$/;
});

afterEach(async () => {
  const stay = new Set(kept.values());
  for (const page of wrong.keys()) await (stay.has(page) && !page.isClosed() ? page.goto('about:blank') : page.close());
  await server.close();
  const complaints = [...wrong.values()].flatMap((it) => it.splice(0));
  expect(complaints.filter((it) => !expected.test(it))).toEqual([]);
});

async function open(kind = DESK, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const known = kept.get(kind);
  const page = known === undefined || known.isClosed() ? await newPage(await look.window(kind)) : known;
  kept.set(kind, page);
  await page.emulateMedia({ colorScheme });
  await page.goto(server.url);
  return page;
}

async function newPage(window: BrowserContext): Promise<Page> {
  const page = await window.newPage();
  page.setDefaultTimeout(SOON.timeout);
  wrong.set(page, complaintsOf(page));
  return page;
}

const node = (name: string) => `[data-stage="${name}"]`;
const test$ = (name: string) => `[data-test="${name}"]`;
const textOf = (page: Page, selector: string) => page.locator(selector).first().innerText();
const sees = (page: Page, selector: string, text: RegExp) =>
  expect.poll(() => textOf(page, selector), { message: selector, ...SOON }).toMatch(text);

/** Waits until there are so many of what is shown. */
const counts = (page: Page, selector: string, count: number) =>
  expect.poll(() => page.locator(selector).count(), { message: selector, ...SOON }).toBe(count);

/** Waits until the page is no wider than its window. */
const fits = (page: Page) =>
  expect.poll(() => page.evaluate('document.documentElement.scrollWidth - innerWidth'), SOON).toBe(0);

/** A name that would run a script if it were taken for HTML. */
const hostile = (name: string) =>
  `<img src=x onerror="globalThis.hacked=1"> ${name} </script><script>hacked=1</script>`;

describe('the page of the inspector', { timeout: PATIENCE }, () => {
  test('X10 has nothing inline, and asks only for files beside it', async () => {
    const html = await readFile(join(folder, 'index.html'), 'utf8');
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
    await expect.poll(() => page.locator('.node .flag').allInnerTexts(), SOON).toEqual(['BOTTLENECK']);
    await counts(page, `${node('store')} .flag`, 1);
    await sees(page, node('store'), /\b8\d\d\/s[^]*16 held[^]*9\d% busy · \d% idle · \d% held back/);
    await sees(page, node('list files'), /source[^]*\b8\d\d\/s/);
    await sees(page, node('thumbnails'), /dropped/);
    const results = () => textOf(page, '.flow-tab .figures');
    const before = await results();
    await expect.poll(results, SOON).not.toBe(before);
    await expect
      .poll(() => page.locator('.edges text').allTextContents(), SOON)
      .toContainEqual(expect.stringMatching(/^8\d\d\/s$/));
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
    // A chart is drawn after what stands above it.
    await counts(page, `${detail} .uplot canvas`, 4);
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
    // Where one comes in is the bottleneck, once there is one.
    await sees(page, node('store'), /BOTTLENECK/);
    const focused = () => page.evaluate<string>('document.activeElement?.dataset.stage ?? ""');
    const reaches = (stage: RegExp) => expect.poll(focused, SOON).toMatch(stage);
    const attribute = (selector: string, name: string) => expect.poll(() => page.getAttribute(selector, name), SOON);
    for (let i = 0; (await focused()) === '' && i < 20; i++) await page.keyboard.press('Tab');
    // Arrows go on from there, Tab goes past the other stages.
    await reaches(/^store$/);
    await expect
      .poll(() => page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), SOON)
      .not.toBe('none');
    const direction = await page.getAttribute(test$('graph'), 'data-direction');
    const [on, back] = direction === 'down' ? ['ArrowDown', 'ArrowUp'] : ['ArrowRight', 'ArrowLeft'];
    await page.keyboard.press(on);
    await reaches(/^count$/);
    await page.keyboard.press(back);
    await reaches(/^(store|thumbnails)$/);
    await page.keyboard.press('Home');
    await reaches(/^list files$/);
    await page.keyboard.press('Enter');
    await sees(page, `${test$('detail')} h2`, /list files/);
    await attribute(node('list files'), 'aria-pressed').toBe('true');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await counts(page, test$('detail'), 0);
    await reaches(/^list files$/);
    await attribute(node('store'), 'aria-label').toMatch(
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
    await fits(page);
  });

  test('draws 300 stages ten times a second with little work', async () => {
    server.flows = [manyStages(300)];
    const began = performance.now();
    const page = await open();
    await counts(page, '.node', 300);
    const drawn = performance.now() - began;
    const debug = await page.context().newCDPSession(page);
    await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
    const work = async () => {
      const { metrics } = await debug.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
    };
    const ticks = 20;
    const before = await work();
    for (let i = 0; i < ticks; i++) {
      server.advance();
      await page.waitForTimeout(100);
    }
    await sees(page, '.flow-tab .figures', /^2 s/);
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
    const page = await open(PHONE, colorScheme);
    await page.tap(node('store'));
    await sees(page, test$('heatmap'), /half within \d/);
    await fits(page);
    await Look.picture(page, `phone-${colorScheme}`);
    await page.getByRole('button', { name: 'Table' }).tap();
    await page.waitForSelector(test$('table'));
    await fits(page);
  });

  test('remembers whether it is light or dark', async () => {
    server.flows = [photographs()];
    const page = await open();
    await page.waitForSelector(node('store'));
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await ground();
    await page.selectOption('.theme select', 'dark');
    await expect.poll(ground, SOON).not.toBe(light);
    const dark = await ground();
    await page.reload();
    await page.waitForSelector(node('store'));
    await expect.poll(ground, SOON).toBe(dark);
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
    await counts(page, '.node', 7);
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
    server = await FakeInspector.open(folder, port);
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
    await expect.poll(() => server.polled, SOON).toBeGreaterThan(1);
    server.refusal = undefined;
    await sees(page, test$('connection'), /^live$/);
  });

  test('I3 listens once for several tabs, and another takes over when that one closes', async () => {
    server.flows = [photographs()];
    server.play();
    const first = await open();
    const others = [await newPage(first.context()), await newPage(first.context())];
    for (const page of others) await page.goto(server.url);
    for (const page of [first, ...others]) {
      await page.bringToFront();
      await sees(page, node('store'), /8\d\d\/s/);
      await sees(page, test$('connection'), /^live$/);
    }
    await expect.poll(() => [server.listeners, server.opened], SOON).toEqual([1, 1]);
    await first.close();
    await expect.poll(() => server.opened, SOON).toBe(2);
    for (const page of others) {
      await page.bringToFront();
      const before = await textOf(page, '.flow-tab .figures');
      await expect.poll(() => textOf(page, '.flow-tab .figures'), SOON).not.toBe(before);
      await sees(page, test$('connection'), /^live$/);
    }
    await expect.poll(() => server.listeners, SOON).toBe(1);
  });
});

/** How many pixels of the heat map are painted. */
const PAINTED = `(() => {
  const canvas = document.querySelector('.heat');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((it, i) => i % 4 === 3 && it > 0).length;
})()`;
