/**
 * Calls and mails, answered by whoever is ready first, as `select` in a `for` loop does in Go; then a queue with two priorities.
 *
 *     npm run example multiplex
 *
 * Prints what was answered, and when nobody came for 100 ms; then in which order urgent and ordinary letters leave.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { channel, fanIn, forEach, fromIterable, run, select } from 'sluice';
import { tap } from 'rxjs';

const calls = channel<string>({ capacity: 0 });
const mails = channel<string>({ capacity: 0 });

const answers = select(
  [
    [calls, (who) => `answered the call of ${who}`],
    [mails, (who) => `wrote back to ${who}`],
  ],
  { timeout: [100, () => 'nobody for 100 ms'], repeat: true },
);

async function people(): Promise<void> {
  await Promise.all([calls.send('Ann'), mails.send('Bob'), calls.send('Cid')]);
  await sleep(150);
  await mails.send('Dee');
  calls.close();
  mails.close();
}

const coming = Promise.allSettled([people()]);
const desk = answers.pipe(tap((answer) => console.log(answer)));
const { ended } = await run(desk, { name: 'desk', quitOn: ['SIGINT', 'SIGTERM'] }).done;
// After Ctrl-C nobody takes what still waits to be sent.
calls.close();
mails.close();
await coming;

const order: string[] = [];
const letters = (kind: string, count: number) =>
  fromIterable(Array.from({ length: count }, (_, i) => `${kind}${i + 1}`));
// Three urgent ones for each ordinary one, as long as there are both: neither starves.
const post = fanIn([letters('urgent', 12), letters('ordinary', 4)], { priority: [3, 1] }).pipe(
  forEach(async (letter) => {
    await sleep(5);
    order.push(letter);
  }),
);
if (ended === 'completed') {
  await run(post, { name: 'post', quitOn: ['SIGINT', 'SIGTERM'] }).done;
  console.log(order.join(' '));
}
