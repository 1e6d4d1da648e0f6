import type { ExecutionInfo } from '@duramesh/proto';
import { canonical } from '../canonical.ts';
import {
  accepted,
  type CommandOf,
  noop,
  refused,
  type ReplyOf,
  type Verdict,
  type WorkflowOptions,
} from '../commands.ts';
import type { Draft } from '../draft.ts';
import { maskedFields } from '../field-mask.ts';
import { alreadyCompleted, refusal } from '../refusal.ts';
import { behaviorName, completedOverride, overrideProblem, storedOverride } from '../versioning-override.ts';
import { sendActivitiesAnew } from '../run-versioning.ts';
import { handOutAnew } from '../workflow-task.ts';

type Command = CommandOf<'UpdateWorkflowOptions'>;

const PRIORITY_FIELDS = ['priorityKey', 'fairnessKey', 'fairnessWeight'] as const;
const OVERRIDE = 'versioningOverride';
const TIME_SKIPPING = 'timeSkippingConfig';
const PARTS_TOGETHER = [`${OVERRIDE}.deployment`, `${OVERRIDE}.behavior`];

/** Changes priority, versioning override and time skipping of a run; a change to what is so already writes nothing. @see spec-history 8.3 */
export function updateWorkflowOptions(
  draft: Draft,
  { options: asked, paths, identity }: Command,
): Verdict<ReplyOf<'UpdateWorkflowOptions'>> {
  const { info } = draft;
  if (!draft.isOpen) return refused(alreadyCompleted);
  const override = completedOverride(info, asked.versioningOverride);
  if (asked.versioningOverride && !override) return refused(notPinned(info));
  const badOverride = overrideProblem(override);
  if (badOverride) return refused(refusal('InvalidArgument', badOverride));
  const fields = maskedFields(paths);
  const merged = merge(optionsOf(info), { ...asked, versioningOverride: override }, fields);
  if (typeof merged === 'string') {
    return refused(refusal('InvalidArgument', `error applying update_options: ${merged}`));
  }
  const current = optionsOf(info);
  const { versioningOverride, priority, timeSkippingConfig } = merged;
  // A fast forward that is asked for again begins again.
  const isForwarded = fields.has(TIME_SKIPPING) && asked.timeSkippingConfig?.fastForwardConfig !== undefined;
  const timeSkippingConfigUpdated = isForwarded || !isSame(timeSkippingConfig, current.timeSkippingConfig);
  if (!timeSkippingConfigUpdated && isSame(merged, current)) return noop({ options: merged });
  const unsetVersioningOverride = versioningOverride === undefined;
  const attributes = { ...merged, timeSkippingConfigUpdated, unsetVersioningOverride, identity };
  draft.buffer('WorkflowExecutionOptionsUpdated', attributes, { workerMayIgnore: true });
  const isRebound = !isSame(versioningOverride, current.versioningOverride);
  if (isRebound) leaveWorker(draft);
  if (isRebound || !isSame(priority, current.priority)) handOutAnew(draft);
  return accepted({ options: merged });
}

const isSame = (a: object | undefined, b: object | undefined): boolean =>
  JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));

function notPinned(info: ExecutionInfo): ReturnType<typeof refusal> {
  return refusal(
    'FailedPrecondition',
    `must specify a specific pinned override version because workflow with id ${info.workflowId} ` +
      `has behavior ${behaviorName(info)} and is not yet pinned to any version`,
  );
}

const optionsOf = ({ versioningOverride, priority, timeSkipping }: ExecutionInfo): WorkflowOptions => ({
  ...(versioningOverride && { versioningOverride: storedOverride(versioningOverride) }),
  ...(priority && { priority }),
  ...(timeSkipping?.config && { timeSkippingConfig: timeSkipping.config }),
});

/** The merged options, or what is wrong with the mask. */
function merge(old: WorkflowOptions, asked: WorkflowOptions, fields: ReadonlySet<string>): WorkflowOptions | string {
  let merged = old;
  const together = PARTS_TOGETHER.filter((part) => fields.has(part));
  if (together.length === 1) return 'versioning_override fields must be updated together';
  if (fields.has(OVERRIDE) || together.length === 2) {
    merged = { ...merged, versioningOverride: asked.versioningOverride };
  }
  for (const field of fields) {
    if (!field.startsWith(`${OVERRIDE}.`) || PARTS_TOGETHER.includes(field)) continue;
    return "versioning_override doesn't support partial updates";
  }
  if (fields.has('priority')) merged = { ...merged, priority: asked.priority };
  for (const field of PRIORITY_FIELDS) {
    if (!fields.has(`priority.${field}`)) continue;
    merged = { ...merged, priority: { ...merged.priority, [field]: asked.priority?.[field] } };
  }
  if (fields.has(TIME_SKIPPING)) merged = { ...merged, timeSkippingConfig: asked.timeSkippingConfig };
  const isPartial = [...fields].some((field) => field.startsWith(`${TIME_SKIPPING}.`));
  return isPartial ? "time_skipping_config doesn't support partial update" : merged;
}

/** The run may go on with workers of another version: the one that knows it is not asked, and activities that wait go to others. */
function leaveWorker(draft: Draft): void {
  if (!draft.workflowTaskStarted) draft.info.sticky = undefined;
  sendActivitiesAnew(draft);
}
