import { second } from '../clock.ts';
import { board } from '../pageBoard.ts';
import { connection, type Connection } from './connection.ts';

/** How this page stands with its program now; what reads it is drawn again every second. */
export function connectionNow(): Connection {
  const heard = board.heardAt === undefined ? undefined : performance.now() - board.heardAt;
  return connection(board.status.value, heard, second.value, location.host);
}
