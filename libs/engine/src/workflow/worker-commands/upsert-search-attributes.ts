import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { fieldsSizeBytes } from '../sizes.ts';
import { checkedSearchAttributes } from '../search-attributes.ts';
import { mergeSearchAttributes } from '../properties.ts';
import {
  commandFailure,
  type CommandFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IUpsertWorkflowSearchAttributesCommandAttributes>;

const bad = (message: string): CommandFailure => commandFailure('BadSearchAttributes', message);

/** Sets and unsets search attributes; lists show it at once. */
export function upsertSearchAttributes(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) {
    return bad('UpsertWorkflowSearchAttributesCommandAttributes is not set on UpsertWorkflowSearchAttributesCommand.');
  }
  const given = attributes.searchAttributes;
  if (!given) return bad('SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.');
  if (Object.keys(given.indexedFields ?? {}).length === 0) {
    return bad('IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.');
  }
  const checked = checkedSearchAttributes(draft, given);
  if (checked.problem !== undefined) return bad(checked.problem);
  const { searchAttributes } = checked;
  const merged = mergeSearchAttributes(draft.info.searchAttributes, searchAttributes);
  if (fieldsSizeBytes(merged.indexedFields) > draft.environment.limits.searchAttributesSizeBytes) {
    const text = 'UpsertWorkflowSearchAttributesCommandAttributes.IndexedFields exceeds size limit.';
    return terminatingFailure('BadSearchAttributes', text);
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  draft.emit(
    'UpsertWorkflowSearchAttributes',
    { workflowTaskCompletedEventId, searchAttributes },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}
