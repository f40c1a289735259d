/** How a listener is called in a message: by its name, or by how its code begins. */
export function nameOf(listener: unknown): string {
  if (typeof listener !== 'function') return 'an object';
  if (listener.name !== '') return listener.name;
  return Function.prototype.toString.call(listener).replaceAll(/\s+/g, ' ').slice(0, 60);
}
