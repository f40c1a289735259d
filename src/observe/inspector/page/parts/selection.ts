import { board } from '../pageBoard.ts';

/** Opens the details of a stage, or closes them if they are open. */
export function chooseStage(name: string): void {
  board.stage.value = board.stage.peek() === name ? undefined : name;
}

/** Opens the details of a stage and brings its node into sight. */
export function showStage(name: string): void {
  board.stage.value = name;
  nodeOf(name)?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

/** Closes the details and goes back to the node that they were of. */
export function closeStage(): void {
  const name = board.stage.peek();
  if (name === undefined) return;
  board.stage.value = undefined;
  nodeOf(name)?.focus();
}

/** Found by comparing, since a name may be anything, a selector included. */
function nodeOf(name: string): HTMLElement | undefined {
  const nodes = document.querySelectorAll<HTMLElement>('[data-stage]');
  return [...nodes].find(({ dataset }) => dataset['stage'] === name);
}
