export { encodeCsv, type EncodeCsvOptions } from './sinks/encodeCsv.ts';
