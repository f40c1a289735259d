// everything that also runs in a browser
export * from './browser.ts';
// sources for Node.js
export { chunks, type ChunksOptions } from './sources/chunks.ts';
export { lines, type LinesOptions, type TextStream } from './sources/lines.ts';
export { quitSignal } from './sources/quitSignal.ts';
// sinks for Node.js
export { toFile, type ToFileOptions, type WrittenFile } from './sinks/toFile.ts';
export { toReadable, type ToReadableOptions } from './sinks/toReadable.ts';
// running a flow in Node.js: in place of what runs everywhere
export { run, type RunOptions } from './observe/run.ts';
export type { InspectOptions } from './observe/readInspect.ts';
