import type { BacklogPosition } from '@duramesh/persistence';

const START: BacklogPosition = { pass: -1, taskId: 0 };

export const isBehind = (a: BacklogPosition, b: BacklogPosition): boolean =>
  a.pass > b.pass || (a.pass === b.pass && a.taskId > b.taskId);

/**
 * What memory knows of the stored tasks of one priority. Reading moves a cursor through them; every row up to it is
 * known, finished and removed, or still being written.
 */
export class BacklogLevel {
  /** Ids of the rows that memory knows. */
  readonly known = new Set<number>();
  isComplete = true;
  /** Rows that are surely in the store, the finished ones included. */
  stored = 0;
  finished = 0;
  /** Known rows that are on their way to the store. */
  writing = 0;
  /** Somebody reads: until they are done the cursor is theirs. */
  #isReading = false;
  #cursor = START;
  #rewindTo: BacklogPosition | undefined;

  get cursor(): BacklogPosition {
    return this.#cursor;
  }

  /** Rows that wait for a worker. */
  get waiting(): number {
    return Math.max(this.stored - this.finished, 0);
  }

  beginRead(): void {
    this.#isReading = true;
  }

  /** The rows up to `last` are known now. `isEnd`: there were no more when the store was asked. */
  endRead(last: BacklogPosition, isEnd: boolean): void {
    this.#isReading = false;
    if (isBehind(last, this.#cursor)) this.#cursor = last;
    const back = this.#rewindTo;
    this.#rewindTo = undefined;
    if (back !== undefined && isBehind(this.#cursor, back)) this.#cursor = back;
    this.isComplete = isEnd && back === undefined;
    if (this.isComplete) this.stored = this.known.size - this.writing;
  }

  failRead(): void {
    this.#isReading = false;
  }

  /** Rows behind the position may be unknown: they will be read. */
  leave(position: BacklogPosition): void {
    this.isComplete = false;
    if (this.#isReading) {
      if (this.#rewindTo === undefined || isBehind(this.#rewindTo, position)) this.#rewindTo = position;
    } else if (isBehind(this.#cursor, position)) this.#cursor = position;
  }
}
