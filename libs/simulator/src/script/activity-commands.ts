import { toPayloads } from '../payloads.ts';
import { ACTIVITY_TYPES, type WorkflowPlan } from '../plan/workflow-plan.ts';
import { type Command, COMMAND, seconds } from './command.ts';

type Schedule = NonNullable<Command['scheduleActivityTaskCommandAttributes']>;

/** All activities that a plan begins with. */
export function activityCommands({ activities, taskQueue, more }: WorkflowPlan): readonly Command[] {
  const some = (name: string, count: number, attributes: Schedule): readonly Command[] =>
    Array.from({ length: count }, (_, i) => ({
      commandType: COMMAND.scheduleActivity,
      scheduleActivityTaskCommandAttributes: {
        activityId: `${name}-${i}`,
        taskQueue: { name: taskQueue },
        input: toPayloads(i),
        startToCloseTimeout: seconds(6_000),
        heartbeatTimeout: seconds(4_000),
        ...attributes,
      },
    }));
  return [
    ...some('activity', activities, { activityType: { name: ACTIVITY_TYPES.effect } }),
    ...some('dropped', more?.droppedActivities ?? 0, { activityType: { name: ACTIVITY_TYPES.dropped } }),
    ...some('brittle', more?.brittle ?? 0, {
      activityType: { name: ACTIVITY_TYPES.brittle },
      retryPolicy: { initialInterval: seconds(1_000), maximumAttempts: 2 },
    }),
  ];
}
