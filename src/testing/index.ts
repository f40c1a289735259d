// the ends of a flow
export { Probe } from './Probe.ts';
export { ProbeSource } from './ProbeSource.ts';
// virtual time
export { marbles, type MarbleHelpers } from './marbles.ts';
