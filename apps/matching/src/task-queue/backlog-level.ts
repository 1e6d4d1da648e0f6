import type { BacklogPosition } from '@duramesh/persistence';

export const START: BacklogPosition = { pass: -1, taskId: 0 };

export const isBehind = (a: BacklogPosition, b: BacklogPosition): boolean =>
  a.pass > b.pass || (a.pass === b.pass && a.taskId > b.taskId);

/**
 * What memory knows of the stored tasks of one priority: all of them, or those up to an edge. No task beyond the edge
 * waits in memory while rows are unread, so that none is given away before its turn.
 */
export class BacklogLevel {
  /** Ids of the rows that memory knows. */
  readonly known = new Set<number>();
  isComplete = true;
  /** Every row up to here is known, finished and removed, or still being written. Without meaning while complete. */
  edge = START;
  /** Rows that are surely in the store, the finished ones included. */
  stored = 0;
  finished = 0;
  /** Known rows that are on their way to the store. */
  writing = 0;
  /** Somebody reads on from the edge. Never rejects. */
  reading: Promise<unknown> | undefined;

  /** Rows that wait for a worker. */
  get waiting(): number {
    return Math.max(this.stored - this.finished, 0);
  }

  /** The rows up to `last` are known now. `isEnd`: there were no more when the store was asked. */
  advance(last: BacklogPosition, isEnd: boolean): void {
    this.edge = last;
    this.isComplete = isEnd;
  }

  /** When all rows are known, so is their number. */
  recount(): void {
    this.stored = this.known.size - this.writing;
  }

  /** From here on memory does not know all rows. */
  retreat(edge: BacklogPosition): void {
    this.edge = edge;
    this.isComplete = false;
  }
}
