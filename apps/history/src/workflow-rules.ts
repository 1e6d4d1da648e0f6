import type { PausingRule, WorkflowRules } from '@duramesh/engine';
import type { ActivityInfo, ExecutionInfo, NamespaceRef, Plain, temporal } from '@duramesh/proto';
import {
  type Condition,
  type CustomSearchAttributes,
  type FieldLookup,
  matchesCondition,
  parseListFilter,
  type SearchAttributeValue,
} from '@duramesh/visibility';

type Rule = Plain<temporal.api.rules.v1.IWorkflowRule>;

/** What a predicate may ask of an activity: the names of the API, and those the reference answers to instead. */
const ACTIVITY_FIELDS: CustomSearchAttributes = new Map([
  ['ActivityType', 'Keyword'],
  ['ActivityId', 'Keyword'],
  ['ActivityAttempt', 'Int'],
  ['Attempts', 'Int'],
  ['ActivityStatus', 'Keyword'],
  ['ActivityState', 'Keyword'],
  ['BackoffInterval', 'Int'],
]);
const NO_FIELDS: CustomSearchAttributes = new Map();

/**
 * The rules of a namespace as the engine asks them: the oldest one that pauses the activity wins. A rule that cannot be
 * read pauses nothing, as in the reference.
 */
export function workflowRulesOf({ workflowRules }: NamespaceRef, nowMs: number): WorkflowRules | undefined {
  if (workflowRules.length === 0) return undefined;
  return (activity, info) => {
    const rule = workflowRules.find((candidate) => pauses(candidate, nowMs) && matches(candidate, activity, info));
    return rule && pausing(rule);
  };
}

const pausing = ({ spec, createdByIdentity = '', description = '' }: Rule): PausingRule => ({
  ruleId: spec?.id ?? '',
  identity: createdByIdentity,
  reason: description,
});

function pauses({ spec }: Rule, nowMs: number): boolean {
  const { seconds = 0 } = spec?.expirationTime ?? {};
  const isOver = spec?.expirationTime !== undefined && seconds * 1000 < nowMs;
  return !isOver && (spec?.actions?.some(({ activityPause }) => activityPause !== undefined) ?? false);
}

function matches({ spec }: Rule, activity: ActivityInfo, info: ExecutionInfo): boolean {
  const { predicate } = spec?.activityStart ?? {};
  if (!predicate) return false;
  if (spec?.visibilityQuery && !holds(spec.visibilityQuery, NO_FIELDS, ofRun(info))) return false;
  return holds(predicate, ACTIVITY_FIELDS, ofActivity(activity));
}

function holds(query: string, fields: CustomSearchAttributes, lookup: FieldLookup): boolean {
  const condition = parsed(query, fields);
  return condition !== undefined && matchesCondition(condition, lookup);
}

/** undefined: not a query. */
function parsed(query: string, customAttributes: CustomSearchAttributes): Condition | undefined {
  const result = parseListFilter(query, { customAttributes, forCount: false });
  return result.ok ? result.filter.where : undefined;
}

const keyword = (value: string): SearchAttributeValue => ({ type: 'Keyword', value });

/** What else is asked for is null, and a comparison with null matches nothing. */
const ofRun =
  (info: ExecutionInfo): FieldLookup =>
  ({ name }) => {
    switch (name) {
      case 'WorkflowId':
        return keyword(info.workflowId);
      case 'WorkflowType':
        return keyword(info.workflowType);
      case 'ExecutionStatus':
        return { type: 'Int', value: info.status };
      case 'StartTime':
        return { type: 'Datetime', value: info.startTimeMs };
      default:
        return undefined;
    }
  };

const ofActivity =
  (activity: ActivityInfo): FieldLookup =>
  ({ name }) => {
    switch (name) {
      case 'ActivityType':
        return keyword(activity.activityType);
      case 'ActivityId':
        return keyword(activity.activityId);
      case 'TaskQueue':
        return keyword(activity.taskQueue);
      case 'ActivityAttempt':
      case 'Attempts':
        return { type: 'Int', value: activity.attempt };
      case 'ActivityStatus':
      case 'ActivityState':
        return keyword(stateOf(activity));
      case 'BackoffInterval':
        return backoffOf(activity);
      default:
        return undefined;
    }
  };

function stateOf({ startedMs, cancelRequested }: ActivityInfo): string {
  if (startedMs > 0) return 'Started';
  return cancelRequested ? 'CancelRequested' : 'Scheduled';
}

/** Whole seconds between the last attempt and this one; a first attempt has waited for none. */
function backoffOf({ attempt, scheduledMs, lastAttemptCompleteMs }: ActivityInfo): SearchAttributeValue | undefined {
  if (attempt < 2) return undefined;
  return { type: 'Int', value: Math.floor((scheduledMs - lastAttemptCompleteMs) / 1000) };
}
