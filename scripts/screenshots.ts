// Takes the pictures of the inspector that the README shows, of a flow that runs for as long as that takes:
//   npm run build && node --import tsx scripts/screenshots.ts
// or of a page that is there already, with the details of one of its stages:
//   node --import tsx scripts/screenshots.ts http://127.0.0.1:4747/ store
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { fromIterable, run, workerPool, type Run } from 'sluice';
import { installChromium } from './install-chromium.ts';

const FOLDER = 'docs/inspector';
const [given, stage = 'store'] = process.argv.slice(2);

const running = given === undefined ? photographs() : undefined;
try {
  await takePictures(given ?? (await addressOf(running!)));
} finally {
  await running?.shutdown();
}

/** Photographs are read, made smaller and stored; the store is too slow for the others. */
function photographs(): Run {
  const files = (function* () {
    for (let i = 0; ; i++) yield `${i}.jpg`;
  })();
  const flow = fromIterable(files).pipe(
    workerPool(read, { name: 'read', concurrency: 8, onError: 'skip' }),
    workerPool(resize, { name: 'resize', concurrency: 8, capacity: 16 }),
    workerPool(store, { name: 'store', concurrency: 4, capacity: 8 }),
    workerPool((path) => path.length, { name: 'count', concurrency: 1 }),
  );
  return run(flow, { name: 'photographs', inspect: true });
}

async function read(file: string): Promise<string> {
  await sleep(2 + Math.random() * 3);
  if (Math.random() < 0.003) throw new Error(`ENOENT: no such file, open '${file}'`);
  return file;
}

async function resize(file: string): Promise<string> {
  await sleep(3 + Math.random() * 3);
  return file;
}

async function store(file: string): Promise<string> {
  await sleep(Math.random() < 0.02 ? 60 : 8 + Math.random() * 6);
  return `small/${file}`;
}

async function addressOf({ inspector }: Pick<Run, 'inspector'>): Promise<string> {
  for (let i = 0; i < 100; i++) {
    const url = inspector?.url ?? running?.inspector?.url;
    if (url !== undefined) return url;
    await sleep(100);
  }
  throw new Error('The inspector has not started within 10 s.');
}

async function takePictures(url: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const executablePath = await installChromium();
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
    chromiumSandbox: false,
  });
  try {
    const page = await browser.newPage({
      viewport: { width: 1180, height: 900 },
      deviceScaleFactor: 2,
      colorScheme: 'light',
    });
    await page.goto(url);
    const node = page.locator('.node').filter({ has: page.getByText(stage, { exact: true }) });
    await node.waitFor();
    // As long as rates and shares look back, and a while more.
    await sleep(8000);
    await keep(page, 'graph', await heightTo(page, '.flow'));
    await page.setViewportSize({ width: 1440, height: 1000 });
    await node.click();
    // Until the durations of the stage fill a part of their picture.
    await sleep(45_000);
    await page.evaluate('scrollTo(0, 0)');
    await keep(page, 'detail', await heightTo(page, '[data-test="heatmap"]'));
  } finally {
    await browser.close();
  }
}

/** Where an element ends, in pixels from the top of the page. */
async function heightTo(page: Page, selector: string): Promise<number> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`The page shows no ${selector}.`);
  return Math.ceil(box.y + box.height + 12);
}

/** Keeps the upper part of the page as a picture of few colours, which is a small file. */
async function keep(page: Page, name: string, height: number): Promise<void> {
  const { width } = page.viewportSize()!;
  await page.evaluate('document.activeElement?.blur()');
  const picture = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height } });
  const { size } = await sharp(picture)
    .png({ palette: true, colours: 128, effort: 10 })
    .toFile(`${FOLDER}/${name}.png`);
  console.log(`${FOLDER}/${name}.png: ${Math.ceil(size / 1024)} KiB`);
}
