import { OfferOutcome, type TaskRef } from '@duramesh/proto';
import type { Clock, Logger } from '@duramesh/runtime';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { LEVELS, WaitingTask } from './waiting-task.ts';

/** Tasks that change lanes at one time. */
const CONCURRENCY = 32;
const RETRY_MS = 1_000;

export interface ChangeLanesDeps {
  readonly lanes: Lanes;
  /** Where a task belongs now. */
  readonly laneOf: (task: TaskRef) => string;
  /** Lanes that may have stored tasks. */
  readonly known: () => readonly string[];
  readonly nextTaskId: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Once the routing of a queue has changed, tasks that wait in the lane of one version may belong to another. They are added
 * there before they leave the old lane: a crash in between leaves both, and history starts a task once.
 */
export class ChangeLanes {
  readonly #deps: ChangeLanesDeps;
  #isRunning = false;
  #again = false;
  #isClosed = false;

  constructor(deps: ChangeLanesDeps) {
    this.#deps = deps;
  }

  /** To be called when the routing has changed. */
  start(): void {
    this.#again = true;
    if (!this.#isRunning) void this.#run();
  }

  close(): void {
    this.#isClosed = true;
  }

  async #run(): Promise<void> {
    const { lanes, known, clock, logger } = this.#deps;
    this.#isRunning = true;
    while (this.#again && !this.#isClosed) {
      this.#again = false;
      try {
        await Promise.all(known().map((key) => lanes.open(key)));
        for (const [key, lane] of lanes.entries()) await this.#clear(key, lane);
      } catch (error) {
        if (this.#isClosed) return;
        logger.warn({ error }, 'tasks could not change to the version they belong to; trying again');
        this.#again = true;
        await clock.sleep(RETRY_MS);
      }
    }
    this.#isRunning = false;
  }

  /** Everything that does not belong to the lane leaves it, page by page. */
  async #clear(key: string, lane: Lane): Promise<void> {
    const { backlog } = lane.matcher;
    for (let level = 1; level <= LEVELS; level++) {
      await this.#move(key, lane);
      while (!backlog.isComplete(level) && !this.#isClosed) {
        await backlog.readMore(level);
        if ((await this.#move(key, lane)) === 0) break;
      }
    }
  }

  /** Moves what waits in memory. @returns how many */
  async #move(key: string, lane: Lane): Promise<number> {
    const strays = Array.from(lane.matcher.ready).filter(
      (task) => !task.isForwarded && this.#deps.laneOf(task.ref) !== key,
    );
    for (let at = 0; at < strays.length; at += CONCURRENCY) {
      await Promise.all(strays.slice(at, at + CONCURRENCY).map((task) => this.#moveTask(lane, task)));
    }
    return strays.length;
  }

  async #moveTask(from: Lane, task: WaitingTask): Promise<void> {
    const { lanes, laneOf, nextTaskId } = this.#deps;
    const to = await lanes.open(laneOf(task.ref));
    if (this.#isClosed) return;
    // Somebody took it meanwhile.
    if (!from.matcher.withdraw(task)) return;
    await new Promise<void>((resolve, reject) => {
      const leave = (outcome: number): void => {
        from.matcher.finish(task, outcome);
        resolve();
      };
      const caller = {
        stored: () => {
          task.tellStored();
          leave(OfferOutcome.OFFER_OUTCOME_DROPPED);
        },
        over: leave,
        refused: (error: Error) => {
          from.matcher.giveBack(task);
          reject(error);
        },
      };
      const { ref, addedMs, level } = task;
      to.matcher.place(new WaitingTask({ taskId: nextTaskId(), ref, addedMs, level, caller }));
    });
  }
}
