/** The codes of the warnings of the process from now on, until it is stopped. */
export function warnings(): { readonly codes: string[]; stop(): void } {
  const codes: string[] = [];
  const note = (warning: Error & { code?: string }): void => void codes.push(warning.code ?? warning.name);
  process.on('warning', note);
  return { codes, stop: () => void process.off('warning', note) };
}
