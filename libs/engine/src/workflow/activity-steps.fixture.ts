import type { CommandName, CommandOf, HeldActivity } from './commands.ts';
import { payloads } from './schedule-command.fixture.ts';
import type { ExecutionState } from './state.ts';

/** What a worker does to one of the pending activities. */
export interface ActivityStep {
  readonly which: number;
  readonly act: number;
  readonly byId: boolean;
}

interface Asked {
  readonly state: ExecutionState;
  ask<N extends CommandName>(name: N, command: CommandOf<N>): void;
}

export function actOnActivity(subject: Asked, { which, act, byId }: ActivityStep): void {
  const identity = 'worker';
  const activity = [...subject.state.activities.values()][which];
  if (!activity) return;
  const { scheduledEventId, attempt, stamp, startVersion, activityId } = activity;
  const held: HeldActivity = byId ? { by: 'id', activityId } : { by: 'token', scheduledEventId, attempt, startVersion };
  const failure = { message: 'boom', applicationFailureInfo: { type: 'Test' } };
  switch (act) {
    case 0:
    case 1:
      subject.ask('StartActivityTask', {
        scheduledEventId,
        attempt,
        stamp,
        requestId: `start-${attempt}`,
        identity,
        movesTo: byId && act === 1 ? { deploymentName: 'd', buildId: 'b3' } : undefined,
      });
      return;
    case 2:
      subject.ask('CompleteActivity', { held, result: payloads, identity });
      return;
    case 3:
      subject.ask('FailActivity', { held, failure, identity });
      return;
    case 4:
      subject.ask('CancelActivity', { held, identity });
      return;
    default:
      subject.ask('HeartbeatActivity', { held, details: payloads, identity });
  }
}
