import type { Program } from './worker.ts';

export interface ScenarioOptions {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
}

/** A way to load a server, one operation at a time in each of many lanes. */
export interface Scenario {
  readonly program: Program;
  /** One operation from its request to its observed end; rejects when it is lost. */
  run(deadlineMs: number, lane: number): Promise<void>;
  /** Operations that took effect more than once. */
  doubled(): number;
  /** Ends what still runs, and the connection. */
  close(): void | Promise<void>;
}
