import { availableParallelism } from 'node:os';
import { child } from './processes.ts';
import { BASE, CEILING, contenders, OURS, RAW } from './threads/contenders.ts';
import type { MeasuredRow } from './threads/measureStarted.ts';
import type { Rounds } from './threads/Figures.ts';
import { printThreads } from './threads/printThreads.ts';
import { SCALED } from './threads/workloads.ts';

/** Milliseconds that a run takes, about: a contender has as many items in it as it gets done. */
const RUN = 80;

/** The rows that are also measured on fewer threads than there are cores. */
const SCALED_ROWS = [CEILING, RAW, 'piscina, 8 a worker', OURS];

/** Measures and prints what jobs gain from being spread over threads, beside a plain loop on one and beside the peers. */
export async function measureThreads(rounds: number, scale: number): Promise<void> {
  const cores = availableParallelism();
  // Once for all, so that every process has the same work to do.
  const { printed: perMicro } = await child<number>('threads/child', ['calibrate']);
  const measure = async (row: string, threads: number, ...names: string[]) => {
    const args = [row, String(threads), String(perMicro), String(RUN * scale), ...names];
    return (await child<MeasuredRow>('threads/child', args)).printed;
  };
  const rows = emptyRows(Object.keys(contenders));
  const fewer = new Map(fewerThan(cores).map((threads): [number, Rounds] => [threads, emptyRows(SCALED_ROWS)]));
  // They take turns, so that what else the machine does hits all of them.
  for (let round = 0; round < rounds; round++) {
    for (const [row, measured] of rows) measured.push(await measure(row, row === BASE ? 1 : cores));
    for (const [threads, some] of fewer) {
      for (const [row, measured] of some) measured.push(await measure(row, threads, SCALED));
    }
  }
  printThreads(rows, fewer, cores);
}

function emptyRows(names: readonly string[]): Map<string, MeasuredRow[]> {
  return new Map(names.map((row) => [row, []]));
}

/** 1, 2, 4, ... below `cores`. */
function fewerThan(cores: number): number[] {
  const counts: number[] = [];
  for (let threads = 1; threads < cores; threads *= 2) counts.push(threads);
  return counts;
}
