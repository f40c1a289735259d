/**
 * A game server with rooms, over real WebSockets: events in order per room, a 60 Hz tick, a noisy client held in check, and
 * state that survives a restart.
 *
 *     npm run example game-rooms
 *
 * Nine scripted clients in three rooms send moves for two seconds; one of them sends far too many, and loses those beyond its
 * rate. The events of one room are worked on one after the other, those of different rooms at once, and so are the ticks. The
 * state is saved every half second and at the end. Then a second server starts with what was saved.
 *
 * Prints that the order per room was right, how many events were dropped of whom, the ticks of each room, how often the state
 * was saved before the end, and that the second server knows what the first did.
 */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMPTY, Subject, catchError, concatMap, map, mergeMap, takeUntil, tap, timer, type Observable } from 'rxjs';
import { fanIn, fromEventEmitter, keyed, poll, rateLimit, run, ticker } from 'sluice';
import { WebSocket, WebSocketServer, type RawData } from 'ws';

const ROOMS = ['red', 'green', 'blue'];
const PLAYERS = ['ann', 'bob', 'cid'];
const NOISY = 'red/cid';
const LASTS = 2_000;
/** How many moves a client may make in a second. */
const RATE = 60;

/** What is saved of a room. */
interface Room {
  ticks: number;
  moves: number;
  /** Where each player stands, and the number of the last move. */
  players: Record<string, { x: number; last: number }>;
}
type Rooms = Record<string, Room>;

interface Move {
  readonly kind: 'move';
  readonly room: string;
  readonly player: string;
  readonly number: number;
  readonly by: number;
}
type Event = Move | { readonly kind: 'tick'; readonly room: string };

/** What a message says. The type of the package allows for a list of parts too, which it gives only where it is asked to. */
const textOf = (data: RawData): string => (data as Buffer).toString();

/** One server, from its start until it is told to stop. */
class Game {
  readonly rooms: Rooms;
  readonly dropped = new Map<string, number>();
  /** How often the state was saved while it was running. */
  saves = 0;
  /** What went wrong with the order: two events of a room at once, or a move before an earlier one. */
  readonly disorder: string[] = [];
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly #file: string;
  readonly #busy = new Set<string>();

  constructor(file: string, rooms: Rooms) {
    this.#file = file;
    this.rooms = rooms;
  }

  async listening(): Promise<string> {
    await new Promise((resolve) => this.#server.once('listening', resolve));
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Everything that the server does. At `stop$` it lets nobody else in, and ends when those who are there have gone. */
  flow(stop$: Observable<unknown>): Observable<unknown> {
    const options = { overflow: 'fail', capacity: 100 } as const;
    const connections = fromEventEmitter<[WebSocket]>(this.#server, 'connection', options).pipe(takeUntil(stop$));
    const moves = connections.pipe(
      mergeMap(([socket]) => this.#movesOf(socket)),
      // What a client sends beyond its rate must not slow the others down.
      rateLimit({
        limit: RATE,
        per: 1_000,
        burst: 10,
        key: ({ room, player }) => `${room}/${player}`,
        mode: 'drop',
        onDrop: ({ room, player }) => this.#count(`${room}/${player}`),
      }),
    );
    const ticks = ticker({ every: 1_000 / 60 }).pipe(
      concatMap(() => ROOMS.map((room): Event => ({ kind: 'tick', room }))),
      takeUntil(stop$),
    );
    const events = fanIn<[Event, Event]>(moves, ticks).pipe(
      keyed(
        (event) => event.room,
        (event) => this.#handle(event),
        { concurrency: ROOMS.length, capacity: 1_000, name: 'rooms' },
      ),
    );
    const saving = poll(() => this.save(), { every: 500, immediate: false }).pipe(
      tap(() => this.saves++),
      takeUntil(stop$),
    );
    return fanIn<[unknown, unknown]>(events, saving);
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.save();
  }

  /** Writes beside the file first, so that there is always a whole one. */
  async save(): Promise<void> {
    await writeFile(`${this.#file}.new`, JSON.stringify(this.rooms));
    await rename(`${this.#file}.new`, this.#file);
  }

  #movesOf(socket: WebSocket): Observable<Move> {
    socket.send(JSON.stringify(this.rooms));
    const messages = fromEventEmitter<[RawData]>(socket, 'message', {
      overflow: 'dropNewest',
      capacity: 1_000,
      until: 'close',
      onDrop: ([data]) => {
        const { room, player } = JSON.parse(textOf(data)) as Move;
        this.#count(`${room}/${player}`);
      },
    });
    // A client that breaks off is no reason for the others to stop.
    return messages.pipe(
      map(([data]) => JSON.parse(textOf(data)) as Move),
      catchError(() => EMPTY),
    );
  }

  async #handle(event: Event): Promise<void> {
    if (this.#busy.has(event.room)) this.disorder.push(`two events at once in ${event.room}`);
    this.#busy.add(event.room);
    const room = (this.rooms[event.room] ??= { ticks: 0, moves: 0, players: {} });
    if (event.kind === 'tick') room.ticks++;
    else {
      const player = (room.players[event.player] ??= { x: 0, last: 0 });
      // Some moves take a moment, so that those behind them would overtake if they could.
      if (event.number % 10 === 0) await sleep(2);
      if (event.number <= player.last) this.disorder.push(`move ${event.number} after ${player.last} in ${event.room}`);
      player.last = event.number;
      player.x += event.by;
      room.moves++;
    }
    this.#busy.delete(event.room);
  }

  #count(client: string): void {
    this.dropped.set(client, (this.dropped.get(client) ?? 0) + 1);
  }
}

/** A client that follows its script; gives how many moves it sent. */
async function play(url: string, room: string, player: string, signal: AbortSignal): Promise<number> {
  const socket = new WebSocket(url);
  // After Ctrl-C nobody may be there any more: then it plays with nobody.
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
  const isNoisy = `${room}/${player}` === NOISY;
  let number = 0;
  const ticks = ticker({ every: 50 }).pipe(takeUntil(timer(LASTS)));
  const moves = ticks.pipe(
    // Twenty moves a second; the noisy one five hundred.
    concatMap(() => Array.from({ length: isNoisy ? 25 : 1 }, () => ++number)),
    tap((n) => socket.send(JSON.stringify({ kind: 'move', room, player, number: n, by: n % 3 } satisfies Move))),
  );
  await run(moves, { name: `${room}/${player}`, signal }).done.catch(() => undefined);
  socket.close();
  return number;
}

/** The state that a client is told when it comes. */
function greeting(url: string): Promise<Rooms> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.once('message', (data) => {
      resolve(JSON.parse(textOf(data)) as Rooms);
      socket.close();
    });
    socket.once('error', reject);
  });
}

const folder = await mkdtemp(join(tmpdir(), 'game-rooms-'));
try {
  const file = join(folder, 'rooms.json');
  const quitting = new AbortController();
  const first = new Game(file, {});
  const url = await first.listening();
  const played$ = new Subject<void>();
  const report = run(first.flow(played$), { name: 'game', quitOn: ['SIGINT', 'SIGTERM'] }).done;
  const clients = ROOMS.flatMap((room) => PLAYERS.map((player) => [room, player] as const));
  const sent = Promise.all(clients.map(([room, player]) => play(url, room, player, quitting.signal)));
  sent.then(
    () => played$.next(),
    () => {},
  );
  const { ended, elapsed } = await report;
  quitting.abort();
  await first.close();

  const counts = await sent;
  const noisy = counts[clients.findIndex(([room, player]) => `${room}/${player}` === NOISY)]!;
  const lost = [...first.dropped.values()].reduce((sum, n) => sum + n, 0);
  const played = Object.values(first.rooms).reduce((sum, { moves }) => sum + moves, 0);
  console.log(`order per room: ${first.disorder.length === 0 ? 'ok' : first.disorder.join(', ')}`);
  console.log(
    `${played} moves played, ${lost} dropped, ${first.dropped.get(NOISY) ?? 0} of them of the noisy client's ${noisy}`,
  );
  for (const [name, { ticks, moves }] of Object.entries(first.rooms))
    console.log(`  ${name}: ${ticks} ticks, ${Math.round((ticks / elapsed) * 1_000)} a second, ${moves} moves`);
  console.log(`saved ${first.saves} times before the end`);

  if (ended === 'completed') {
    const total = counts.reduce((sum, n) => sum + n, 0);
    console.log(`all ${total} moves accounted for: ${played + lost === total ? 'yes' : 'no'}`);
    const second = new Game(file, JSON.parse(await readFile(file, 'utf8')) as Rooms);
    const stop$ = new Subject<void>();
    const running = run(second.flow(stop$), { name: 'game again', quitOn: ['SIGINT', 'SIGTERM'] }).done;
    const address = await second.listening();
    // After Ctrl-C there is nobody who greets.
    const known = await Promise.race([greeting(address), running.then(() => undefined)]);
    stop$.next();
    await running;
    await second.close();
    const isSame = ROOMS.every((room) => {
      const [before, after] = [first.rooms[room], known?.[room]];
      return before?.moves === after?.moves && JSON.stringify(before?.players) === JSON.stringify(after?.players);
    });
    console.log(known === undefined ? 'stopped' : `restored state equal: ${isSame ? 'yes' : 'no'}`);
  }
} finally {
  await rm(folder, { recursive: true });
}
