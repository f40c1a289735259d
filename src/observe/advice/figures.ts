import { duration } from '../duration.ts';

/** Figures as sentences of advice show them. */
export const figures = {
  /** A share as `93 %`. */
  percent: (share: number): string => `${Math.round(share * 100)} %`,
  /** Items a second, as `1,250` or `0.4`. */
  rate: (rate: number): string => short(rate),
  /** How many times as much, as `3.2`. */
  times: (factor: number): string => short(factor),
  count: (value: number): string => Math.round(value).toLocaleString('en-US'),
  duration,
};

function short(value: number): string {
  return value >= 20 ? Math.round(value).toLocaleString('en-US') : `${Number(value.toPrecision(2))}`;
}
