import { Board } from './Board.ts';

/** What this page knows and shows. */
export const board = new Board((draw) => requestAnimationFrame(draw));
