import { registerCallbacks } from '../callbacks.ts';
import type { EventFamily } from '../evolve.ts';
import { mergeMemo, mergeSearchAttributes } from '../properties.ts';
import { rememberRequestId } from '../request-ids.ts';
import { settledVersion } from '../effective-version.ts';
import { tellVersion } from '../worker-facts.ts';
import { changeTimeSkipping } from './time-skipping.ts';
import { storedOverride } from '../versioning-override.ts';

/** Markers, memo, search attributes and options: facts about a run that start and end nothing. */
export const workflowPropertyEvents: EventFamily<
  'MarkerRecorded' | 'UpsertWorkflowSearchAttributes' | 'WorkflowPropertiesModified' | 'WorkflowExecutionOptionsUpdated'
> = {
  MarkerRecorded: {},
  UpsertWorkflowSearchAttributes: {
    numbered(draft, attributes) {
      draft.info.searchAttributes = mergeSearchAttributes(draft.info.searchAttributes, attributes.searchAttributes);
      draft.visibilityChanged = true;
    },
  },
  WorkflowPropertiesModified: {
    numbered(draft, attributes) {
      draft.info.memo = mergeMemo(draft.info.memo, attributes.upsertedMemo);
      draft.visibilityChanged = true;
    },
  },
  WorkflowExecutionOptionsUpdated: {
    apply(draft, attributes, event) {
      if (attributes.unsetVersioningOverride) draft.info.versioningOverride = undefined;
      if (attributes.versioningOverride) {
        draft.info.versioningOverride = storedOverride(attributes.versioningOverride);
        draft.info.versioningKnown = true;
      }
      if (attributes.unsetVersioningOverride || attributes.versioningOverride) {
        if (draft.info.versioningKnown) tellVersion(draft, settledVersion(draft.info));
      }
      if (attributes.priority) draft.info.priority = attributes.priority;
      if (attributes.timeSkippingConfigUpdated) changeTimeSkipping(draft, attributes.timeSkippingConfig, event);
      registerCallbacks(draft, attributes.attachedCompletionCallbacks, event);
      rememberRequestId(draft, attributes.attachedRequestId ?? '', event);
    },
    numbered(draft, attributes, event) {
      rememberRequestId(draft, attributes.attachedRequestId ?? '', event);
    },
  },
};
