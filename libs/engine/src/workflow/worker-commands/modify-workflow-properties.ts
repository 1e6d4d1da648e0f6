import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { mergeMemo } from '../properties.ts';
import { memoSizeBytes } from '../sizes.ts';
import {
  commandFailure,
  type CommandFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IModifyWorkflowPropertiesCommandAttributes>;

const bad = (message: string): CommandFailure => commandFailure('BadModifyWorkflowPropertiesAttributes', message);

/** Sets and unsets fields of the memo. */
export function modifyWorkflowProperties(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) {
    return bad('ModifyWorkflowPropertiesCommandAttributes is not set on ModifyWorkflowPropertiesCommand.');
  }
  const { upsertedMemo } = attributes;
  if (!upsertedMemo) return bad('UpsertedMemo is not set on ModifyWorkflowPropertiesCommand.');
  if (Object.keys(upsertedMemo.fields ?? {}).length === 0) {
    return bad('UpsertedMemo.Fields is not set on ModifyWorkflowPropertiesCommand.');
  }
  const { memoSizeBytes: limit } = draft.environment.limits;
  if (memoSizeBytes(upsertedMemo) > limit || memoSizeBytes(mergeMemo(draft.info.memo, upsertedMemo)) > limit) {
    const text = 'ModifyWorkflowPropertiesCommandAttributes. Memo size exceeds limit.';
    return terminatingFailure('BadModifyWorkflowPropertiesAttributes', text);
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  draft.emit(
    'WorkflowPropertiesModified',
    { workflowTaskCompletedEventId, upsertedMemo },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}
