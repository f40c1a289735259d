/**
 * Three fast producers and one slow consumer, with a bounded channel in between.
 *
 *     npm run example producer-consumer
 *
 * Prints how many items were produced and consumed (all of them), and the most that the channel ever held: its capacity.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { channel, forEach, run } from 'sluice';

const CAPACITY = 10;
const EACH = 20;

const items = channel<string>({ capacity: CAPACITY });
let produced = 0;
let consumed = 0;
let peak = 0;

async function produce(name: string) {
  for (let n = 1; n <= EACH; n++) {
    // Waits here for as long as the channel is full.
    await items.send(`${name}${n}`);
    produced++;
    peak = Math.max(peak, items.length);
  }
}

const flow = items.pipe(
  forEach(
    async () => {
      await sleep(5);
      consumed++;
    },
    { name: 'consumer', capacity: 0 },
  ),
);

const consumer = run(flow, { name: 'producer-consumer', quitOn: ['SIGINT', 'SIGTERM'] }).done;
const producers = Promise.allSettled(['a', 'b', 'c'].map(produce));
void producers.then(() => items.close());
await consumer;
// After Ctrl-C nobody takes what they still wait to send.
items.close();
await producers;
console.log(`${produced} produced, ${consumed} consumed, ${items.length} left in the channel`);
console.log(`peak: ${peak} of ${CAPACITY}`);
