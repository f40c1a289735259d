/**
 * Many temperature sensors report over MQTT; rolling statistics of each sensor find the readings that cannot be right.
 *
 *     npm run example sensors -- [--url mqtt://broker:1883] [--sensors 6]
 *
 * The broker runs in this process, unless `--url` names another. The readings are the hourly normals of Seattle, a little
 * different for each sensor, with faults planted at known places. Writing them down is slow on purpose: when the flow has
 * enough to do, it does not acknowledge (QoS 1) until there is room, so the broker holds the rest.
 *
 * Prints how many faults were planted and found, and the most readings that ever waited here.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Aedes } from 'aedes';
import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { from, map, skip, take, toArray, lastValueFrom } from 'rxjs';
import { channel, forEach, fromIterable, keyed, lines, run, Semaphore } from 'sluice';

const { values: flags } = parseArgs({
  options: { url: { type: 'string' }, sensors: { type: 'string', default: '6' } },
});
if (!/^([1-9]|[1-4]\d|50)$/.test(flags.sensors)) {
  console.error('--sensors must be a number of sensors from 1 to 50');
  process.exit(1);
}
const SENSORS = Number(flags.sensors);
const HOURS = 600;
const FAULTS = 5;
/** How many of the last changes say what is usual, and how many times the usual is a fault. */
const WINDOW = 48;
const LIMIT = 8;
const CAPACITY = 32;
/** Sent and not yet read. A broker throws away what a reader leaves lying beyond a bound, also with QoS 1: Mosquitto beyond 1,000. */
const UNREAD = 500;

interface Reading {
  readonly sensor: number;
  readonly hour: number;
  readonly temperature: number;
}

/** Random numbers that are the same in every run (mulberry32). */
function seeded(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The mean and the deviation of the last changes of one sensor, and whether a reading fits them. */
class Watch {
  readonly #changes: number[] = [];
  #last: number | undefined;

  isFault(temperature: number): boolean {
    const change = this.#last === undefined ? 0 : temperature - this.#last;
    const count = this.#changes.length;
    const mean = this.#changes.reduce((sum, it) => sum + it, 0) / count;
    const deviation = Math.sqrt(this.#changes.reduce((sum, it) => sum + (it - mean) ** 2, 0) / count);
    // A fault says nothing about the weather, so it is left out of what comes after.
    if (count === WINDOW && Math.abs(change - mean) > LIMIT * deviation) return true;
    this.#last = temperature;
    this.#changes.push(change);
    if (this.#changes.length > WINDOW) this.#changes.shift();
    return false;
  }
}

const random = seeded(2026);
const data = new URL('../data/seattle-weather-hourly-normals.csv', import.meta.resolve('vega-datasets'));
const normals = await lastValueFrom(
  lines(data).pipe(
    skip(1),
    take(HOURS),
    map((line) => Number(line.split(',')[2])),
    toArray(),
  ),
);

const planted = new Set<string>();
for (let sensor = 0; sensor < SENSORS; sensor++) {
  for (let i = 0; i < FAULTS; i++) planted.add(`${sensor} ${2 * WINDOW + Math.floor(random() * (HOURS - 2 * WINDOW))}`);
}

function* readings(): Generator<Reading> {
  for (const [hour, normal] of normals.entries()) {
    for (let sensor = 0; sensor < SENSORS; sensor++) {
      const fault = planted.has(`${sensor} ${hour}`) ? (random() < 0.5 ? -15 : 15) : 0;
      const temperature = normal + sensor / 4 + (random() - 0.5) / 5 + fault;
      yield { sensor, hour, temperature: Math.round(temperature * 100) / 100 };
    }
  }
}

/** A broker in this process, on a port that is free. */
async function startBroker(): Promise<{ url: string; stop: () => Promise<void> }> {
  const broker = await Aedes.createBroker();
  const server: Server = createServer((socket) => void broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      broker.close(() => server.close(() => resolve()));
    });
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

const broker = flags.url === undefined ? await startBroker() : undefined;
const url = flags.url ?? broker!.url;
const topic = `sluice-example/${process.pid}`;

async function connect(): Promise<MqttClient> {
  return connectAsync(url, { reconnectPeriod: 0 }).catch((error: unknown) => {
    console.error(`cannot reach the broker at ${url}: ${(error as Error).message}`);
    process.exit(1);
  });
}

const listener = await connect();
const sender = await connect();

const arrived = channel<Reading>({ capacity: CAPACITY, name: 'mqtt' });
const unread = new Semaphore(UNREAD);
const stop = new AbortController();
let peak = 0;
let heldBack = 0;

// mqtt.js acknowledges a message, and reads the next, when `done` is called: so a channel that is full holds the broker back.
listener.handleMessage = (packet: IPublishPacket, done) => {
  const reading = JSON.parse(packet.payload.toString()) as Reading;
  if (arrived.length === CAPACITY) heldBack++;
  unread.release();
  from(arrived.send(reading)).subscribe({ complete: () => done(), error: done });
  peak = Math.max(peak, arrived.length);
};
listener.once('close', () => {
  if (!stop.signal.aborted) arrived.fail(new Error(`the connection to ${url} was lost`));
});
await listener.subscribeAsync(`${topic}/#`, { qos: 1 });

const watches = new Map<number, Watch>();
const found: Reading[] = [];
let stored = 0;

const flow = arrived.pipe(
  take(HOURS * SENSORS),
  // Those of one sensor one after the other, in their order.
  keyed(
    ({ sensor }) => sensor,
    (reading) => {
      const watch = watches.get(reading.sensor) ?? new Watch();
      watches.set(reading.sensor, watch);
      return { reading, isFault: watch.isFault(reading.temperature) };
    },
    { concurrency: SENSORS, name: 'watch' },
  ),
  forEach(
    async (batch) => {
      await sleep(5);
      stored += batch.length;
      for (const { reading, isFault } of batch) if (isFault) found.push(reading);
    },
    { batch: { size: 20, wait: 50 }, capacity: 0, name: 'store' },
  ),
);

const publish = async (reading: Reading): Promise<void> => {
  try {
    await unread.acquire({ signal: stop.signal });
    await sender.publishAsync(`${topic}/${reading.sensor}`, JSON.stringify(reading), { qos: 1 });
  } catch (error) {
    // After Ctrl-C the connection is closed without waiting for what is on its way.
    if (!stop.signal.aborted) throw error;
  }
};
const publishing = run(fromIterable(readings()).pipe(forEach(publish, { concurrency: 100 })), {
  name: 'the sensors',
  signal: stop.signal,
}).done.catch((error: unknown) => arrived.fail(error));

const report = await run(flow, { name: 'sensors', quitOn: ['SIGINT', 'SIGTERM'] }).done;
stop.abort();
arrived.close();
await publishing;
listener.end(true);
sender.end(true);
await broker?.stop();

const right = found.filter(({ sensor, hour }) => planted.has(`${sensor} ${hour}`)).length;
console.log(`${stored.toLocaleString('en')} readings of ${SENSORS} sensors, ${report.ended}`);
console.log(`faults: ${planted.size} planted, ${found.length} found, ${right} of them right`);
console.log(
  `at most ${peak} of ${CAPACITY} readings waited here; the broker was held back: ${heldBack > 0 ? 'yes' : 'no'}`,
);
