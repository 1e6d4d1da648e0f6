import {
  activityInfo,
  ApplicationFailure,
  CancelledFailure,
  CompleteAsyncError,
  Context,
  heartbeat,
  sleep,
} from '@temporalio/activity';
import type { Ledger } from './support/ledger.ts';

/** How often an activity that waits to be cancelled says that it lives. */
const HEARTBEAT_EVERY_MS = 100;

/** What the workflows ask of the world. Effects go to the ledger, which lives in the test and outlives workers and servers. */
export function createActivities(ledger: Ledger) {
  return {
    async greet(name: string): Promise<string> {
      return `Hello, ${name}!`;
    },

    /** Done once whatever happens: a second run under the same key sees the first. */
    async effect(key: string): Promise<string> {
      return ledger.once(key);
    },

    /** Fails until the wanted attempt, each failure after a heartbeat that tells the attempt. */
    async failUntilAttempt(wanted: number): Promise<{ attempt: number; heartbeat: unknown }> {
      const { attempt, heartbeatDetails } = Context.current().info;
      if (attempt >= wanted) return { attempt, heartbeat: heartbeatDetails as unknown };
      heartbeat({ from: attempt });
      throw ApplicationFailure.retryable(`attempt ${attempt} fails`, 'Flaky');
    },

    async fail(message: string, nonRetryable: boolean): Promise<never> {
      const cause = new Error('the disk is full');
      throw ApplicationFailure.create({ message, type: 'Broken', details: [{ code: 7 }], cause, nonRetryable });
    },

    /** Longer than any timeout in the tests. */
    async hang(): Promise<void> {
      await sleep('10 minutes');
    },

    async heartbeatOnce(): Promise<void> {
      heartbeat('the last sign of life');
      await sleep('10 minutes');
    },

    async heartbeatUntilCancelled(key: string): Promise<void> {
      ledger.once(`${key}/started`);
      try {
        for (;;) {
          heartbeat('alive');
          await sleep(HEARTBEAT_EVERY_MS);
        }
      } catch (error) {
        if (error instanceof CancelledFailure) ledger.once(`${key}/cancelled`);
        throw error;
      }
    },

    /** Fails until the test opens the gate, and tells at which attempt it came through. */
    async gate(key: string): Promise<number> {
      ledger.once(`${key}/tried`);
      if (ledger.runs(`${key}/open`) === 0) throw ApplicationFailure.retryable('the gate is closed', 'Closed');
      return Context.current().info.attempt;
    },

    /** Leaves its end to somebody outside, who can find the token of each attempt. */
    async endElsewhere(key: string): Promise<string> {
      const { attempt, taskToken } = Context.current().info;
      ledger.leave(`${key}/${attempt}`, taskToken);
      ledger.once(`${key}/started`);
      throw new CompleteAsyncError();
    },

    async ownPriority(): Promise<unknown> {
      return activityInfo().priority;
    },

    /** Long enough to be under way when its worker is told to stop. */
    async slowStep(key: string): Promise<void> {
      ledger.once(`${key}/begun`);
      await sleep(300);
    },

    async takeMs(durationMs: number): Promise<number> {
      await sleep(durationMs);
      return durationMs;
    },
  };
}

export type Activities = ReturnType<typeof createActivities>;
