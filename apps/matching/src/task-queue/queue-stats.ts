import { RateWindow } from '@duramesh/runtime';
import { DEFAULT_LEVEL, LEVELS } from './waiting-task.ts';

export interface LevelRates {
  readonly tasksAddRate: number;
  readonly tasksDispatchRate: number;
}

interface Windows {
  readonly added: RateWindow;
  readonly dispatched: RateWindow;
}

/** How many tasks came and went, by priority. A priority counts from its first task on. */
export class QueueStats {
  readonly #startedMs: number;
  readonly #windows: (Windows | undefined)[] = [];

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  added(level: number, nowMs: number): void {
    this.#of(level).added.add(nowMs);
  }

  dispatched(level: number, nowMs: number): void {
    this.#of(level).dispatched.add(nowMs);
  }

  /** Whether the priority ever had a task; the default one counts as if it had. */
  isUsed(level: number): boolean {
    return level === DEFAULT_LEVEL || this.#windows[level] !== undefined;
  }

  rates(level: number, nowMs: number): LevelRates {
    const windows = this.#windows[level];
    return {
      tasksAddRate: windows?.added.perSecond(nowMs) ?? 0,
      tasksDispatchRate: windows?.dispatched.perSecond(nowMs) ?? 0,
    };
  }

  /** Over all priorities. */
  total(nowMs: number): LevelRates {
    let [tasksAddRate, tasksDispatchRate] = [0, 0];
    for (let level = 1; level <= LEVELS; level++) {
      const rates = this.rates(level, nowMs);
      tasksAddRate += rates.tasksAddRate;
      tasksDispatchRate += rates.tasksDispatchRate;
    }
    return { tasksAddRate, tasksDispatchRate };
  }

  #of(level: number): Windows {
    return (this.#windows[level] ??= {
      added: new RateWindow(this.#startedMs),
      dispatched: new RateWindow(this.#startedMs),
    });
  }
}
