import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { board } from '../pageBoard.ts';
import { Banner } from './Banner.tsx';
import { Detail } from './Detail.tsx';
import { Empty } from './Empty.tsx';
import { Failures } from './Failures.tsx';
import { Flow } from './Flow.tsx';
import { FlowTabs } from './FlowTabs.tsx';
import { Gauges } from './Gauges.tsx';
import { Header } from './Header.tsx';
import { Process } from './Process.tsx';
import { Threads } from './Threads.tsx';
import { VerdictLine } from './VerdictLine.tsx';
import { closeStage } from './selection.ts';

/** The whole page. */
export function Page(): JSX.Element {
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') closeStage();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const picture = board.picture.value;
  const stage = board.stage.value;
  const place = picture?.graph.stages.findIndex(({ name }) => name === stage) ?? -1;
  return (
    <>
      <Header />
      <Banner />
      <main>
        {picture === undefined ? (
          <Empty />
        ) : (
          <>
            <FlowTabs />
            <VerdictLine picture={picture} />
            <div class={place < 0 ? 'work' : 'work with-detail'}>
              <Flow picture={picture} />
              {place >= 0 && <Detail key={`${picture.flow.id} ${stage}`} picture={picture} place={place} />}
              <div class="below">
                <Threads picture={picture} />
                <Failures picture={picture} />
                <Gauges picture={picture} />
                <Process picture={picture} />
              </div>
            </div>
          </>
        )}
      </main>
    </>
  );
}
