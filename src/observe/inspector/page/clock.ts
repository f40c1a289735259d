import { signal } from '@preact/signals';
import { now } from './link/now.ts';

/** The time to the second, in milliseconds since 1970, for what says how long ago something was. */
export const second = signal(now());

setInterval(() => (second.value = now()), 1000);
