import { activityInfo } from '@temporalio/activity';
import type { Recorder } from '../record/recorder.ts';

/** What registers ask of the world: each attempt goes into the record. */
export function createActivities(recorder: Recorder) {
  return {
    async effect(value: string): Promise<void> {
      const { workflowExecution, activityId, attempt } = activityInfo();
      const { workflowId = '', runId = '' } = workflowExecution ?? {};
      recorder.effect({ workflowId, runId, activityId, attempt, value });
    },
  };
}

export type Activities = ReturnType<typeof createActivities>;
