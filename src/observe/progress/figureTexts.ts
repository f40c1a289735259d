import { clock } from './clock.ts';
import type { StageFigures } from './FlowProgress.ts';

/** What a line says about a stage, the most important first; the percentage and the time left only where the total is known. */
export function figureTexts(stage: StageFigures, ended: boolean): string[] {
  const { done, total, rate, held } = stage;
  const texts: string[] = [];
  if (total === undefined) texts.push(count(done));
  else texts.push(percent(total === 0 ? 1 : done / total), `${count(done)}/${count(total)}`);
  texts.push(`${rate > 0 && rate < 9.95 ? rate.toFixed(1) : count(Math.round(rate))}/s`);
  if (total !== undefined && !ended && rate > 0 && done < total) texts.push(`ETA ${timeLeft((total - done) / rate)}`);
  if (stage.kind !== 'stretch') {
    if (stage.kind === 'stage') texts.push(`${count(held)} held`);
    texts.push(`busy ${percent(stage.busy)}`);
    if (stage.heldBack >= 0.005) texts.push(`held back ${percent(stage.heldBack)}`);
  }
  return texts;
}

/** All of it is 100 % and not before, so that what looks finished is. */
function percent(share: number): string {
  return `${share >= 1 ? 100 : Math.min(99, Math.round(share * 100))}%`;
}

function timeLeft(seconds: number): string {
  return seconds > LONG ? 'days' : clock(Math.ceil(seconds) * 1000);
}

const LONG = 100 * 3600;

function count(value: number): string {
  return NUMBERS.format(value);
}

const NUMBERS = new Intl.NumberFormat('en-US');
