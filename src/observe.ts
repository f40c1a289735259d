// what a flow is like
export { describe, type FlowDescription } from './observe/describe.ts';
// which of several is better
export {
  compare,
  type CompareOptions,
  type ComparedVariant,
  type Comparison,
  type Variant,
} from './observe/compare.ts';
