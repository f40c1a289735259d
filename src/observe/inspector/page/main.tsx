import { render } from 'preact';
import { board } from './pageBoard.ts';
import { share } from './link/share.ts';
import { listen } from './link/listen.ts';
import { whileVisible } from './link/whileVisible.ts';
import { Page } from './parts/Page.tsx';
import { applyTheme } from './theme.ts';

applyTheme();
const root = document.getElementById('page')!;
root.replaceChildren();
render(<Page />, root);
whileVisible(() =>
  share({ take: (message) => board.take(message), status: (it) => (board.status.value = it) }, listen),
);
