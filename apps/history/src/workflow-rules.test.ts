import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityInfo, ExecutionInfo, type Plain, type temporal } from '@duramesh/proto';
import { NAMESPACE } from './testing/history-world.ts';
import { workflowRulesOf } from './workflow-rules.ts';

type Rule = Plain<temporal.api.rules.v1.IWorkflowRule>;

const NOW_MS = 1_800_000_000_000;
const activity = ActivityInfo.create({
  activityId: 'charge-7',
  activityType: 'charge',
  taskQueue: 'payments',
  attempt: 3,
  scheduledMs: NOW_MS,
  lastAttemptCompleteMs: NOW_MS - 4_900,
});
const info = ExecutionInfo.create({ workflowId: 'order-1', workflowType: 'order', status: 1, startTimeMs: NOW_MS });

function rule(predicate: string, spec: Rule['spec'] = {}): Rule {
  const actions = [{ activityPause: {} }];
  return {
    spec: { id: `rule: ${predicate}`, activityStart: { predicate }, actions, ...spec },
    createdByIdentity: 'operator',
    description: 'why',
  };
}

const matched = (...workflowRules: readonly Rule[]): string | undefined =>
  workflowRulesOf({ ...NAMESPACE, workflowRules }, NOW_MS)?.(activity, info)?.ruleId;

const TRUE = [
  "ActivityType = 'charge'",
  'ActivityType = "charge"',
  "ActivityId starts_with 'charge-'",
  "ActivityId != 'other' and TaskQueue = 'payments'",
  'ActivityAttempt > 2',
  'Attempts >= 3',
  'ActivityAttempt between 2 and 4',
  "ActivityStatus = 'Scheduled'",
  'BackoffInterval = 4',
  "(ActivityType = 'other' or ActivityAttempt = 3) and BackoffInterval < 5",
];
const FALSE = [
  "ActivityType = 'other'",
  'ActivityAttempt > 3',
  'BackoffInterval > 4',
  "ActivityStatus = 'Started'",
  // Names are case-sensitive, and what is not a query matches nothing.
  "activityType = 'charge'",
  "WorkflowId = 'order-1'",
  'ActivityType =',
  '',
];

test('a predicate is asked of the activity that is about to begin', () => {
  for (const predicate of TRUE) assert.equal(matched(rule(predicate)), `rule: ${predicate}`, predicate);
  for (const predicate of FALSE) assert.equal(matched(rule(predicate)), undefined, predicate);
});

test('a rule is for the workflows its query names', () => {
  const of = (visibilityQuery: string) => matched(rule('Attempts > 0', { visibilityQuery }));
  for (const query of ["WorkflowType = 'order'", "WorkflowId starts_with 'order' and ExecutionStatus = 'Running'"]) {
    assert.ok(of(query), query);
  }
  for (const query of ["WorkflowType = 'other'", "RunId != 'x'", 'nonsense']) assert.equal(of(query), undefined, query);
});

test('a rule that has expired, or does not pause, is passed over', () => {
  const expired = rule('Attempts > 0', { id: 'expired', expirationTime: { seconds: NOW_MS / 1000 - 1 } });
  const idle = rule('Attempts > 0', { id: 'idle', actions: [] });
  const lasting = rule('Attempts > 0', { id: 'lasting', expirationTime: { seconds: NOW_MS / 1000 + 1 } });
  assert.equal(matched(expired, idle, lasting), 'lasting');
  assert.equal(matched(expired, idle), undefined);
});
