import type { JSX } from 'preact';
import type { Picture } from '../Board.ts';
import { threadKey } from '../flow/FlowModel.ts';
import { usual } from '../flow/usual.ts';
import { ThreadLane } from './ThreadLane.tsx';

/** The threads that the flow uses, a lane each. */
export function Threads({ picture: { flow, graph, tick } }: { picture: Picture }): JSX.Element | null {
  const threads = tick?.threads ?? [];
  if (threads.length === 0) return null;
  return (
    <section class="panel wide" aria-label="Threads" data-test="threads">
      <h2>Threads</h2>
      <ul class="lanes">
        {threads.map((thread) => (
          <ThreadLane
            key={threadKey(thread)}
            thread={thread}
            usual={usual(thread, graph, tick)}
            utilisation={flow.thread(threadKey(thread))?.columns(0)[1] ?? []}
          />
        ))}
      </ul>
    </section>
  );
}
