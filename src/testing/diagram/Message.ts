import type { ObservableNotification } from 'rxjs';

/** What happened at one frame, as `TestScheduler` notes it. */
export interface Message {
  readonly frame: number;
  readonly notification: ObservableNotification<unknown>;
}

/** Whether a value is what `TestScheduler` notes. */
export function isMessage(value: unknown): value is Message {
  const message = value as Partial<Message> | null | undefined;
  return typeof message?.frame === 'number' && typeof message.notification?.kind === 'string';
}

/** Whether a value is what `TestScheduler` makes of an inner Observable: the list of its messages. */
export function isMessageList(value: unknown): value is readonly Message[] {
  try {
    return Array.isArray(value) && value.length > 0 && value.every(isMessage);
  } catch {
    // A revoked proxy, or a getter that throws.
    return false;
  }
}
