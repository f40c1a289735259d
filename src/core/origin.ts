/** Notes where stages are made. Nothing does unless `note` is set, which whoever can tell people of it does: `run`, in development. */
export const origin: { note: (() => Origin) | undefined } = { note: undefined };

/** The calls that led to a stage; put into words only when they are read. */
export interface Origin {
  readonly stack?: string;
}
