// Needs the package @opentelemetry/api.
export { openTelemetry, type OpenTelemetryOptions } from './observe/openTelemetry.ts';
export type { FlowObserver, FlowWatch, WorkEnd, WorkItem } from './observe/FlowObserver.ts';
export type { FlowView } from './observe/FlowView.ts';
