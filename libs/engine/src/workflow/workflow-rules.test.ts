import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityScenario, scheduleActivity } from './activity-scenario.fixture.ts';
import type { Refusal } from './refusal.ts';
import type { WorkflowRules } from './workflow-rules.ts';

const RULE = { ruleId: 'rule', identity: 'operator', reason: 'broken' };
const always: WorkflowRules = () => RULE;
const onRetry: WorkflowRules = ({ attempt }) => (attempt > 1 ? RULE : undefined);
const failure = { message: 'no', applicationFailureInfo: {} };

/** One activity that a worker may take. */
function scheduled(workflowRules: WorkflowRules): ActivityScenario {
  const run = new ActivityScenario();
  run.advance(scheduleActivity());
  run.workflowRules = workflowRules;
  return run;
}

/** A worker would like to have the activity. */
function refusedStart(run: ActivityScenario): Refusal | undefined {
  const outcome = run.ask('StartActivityTask', run.takeCommand());
  return outcome.kind === 'committed' || outcome.kind === 'refused' ? outcome.refusal : undefined;
}

test('an activity that a rule matches is paused when a worker would begin it, and the worker gets nothing', () => {
  const run = scheduled(always);
  assert.equal(refusedStart(run)?.code, 'Obsolete');
  const { pause, startedMs, attempt } = run.activity() ?? {};
  assert.deepEqual(pause, { ...RULE, pausedMs: run.now, requestId: '' });
  assert.deepEqual([startedMs, attempt], [0, 1]);
  assert.ok(!run.outstanding, 'nothing is left to hand out');
});

test('the run tells in its search attributes what a rule has paused', () => {
  const run = scheduled(always);
  refusedStart(run);
  const told = run.state.info.searchAttributes?.indexedFields?.['TemporalPauseInfo']?.data;
  assert.equal(new TextDecoder().decode(told), '["property:activityType=act"]');
});

test('a task that was handed out before the pause starts nothing afterwards', () => {
  const run = scheduled(always);
  const early = run.takeCommand();
  refusedStart(run);
  run.workflowRules = () => undefined;
  assert.equal(run.refusal('StartActivityTask', early).code, 'Obsolete');
});

test('an attempt that fails is not tried again while a rule matches, however few attempts are left', () => {
  const run = new ActivityScenario();
  run.advance(scheduleActivity({ retryPolicy: { maximumAttempts: 1 } }));
  const held = run.take();
  run.workflowRules = always;
  run.do('FailActivity', { held, failure, identity: 'worker' });
  const { pause, attempt, inBackoff, lastFailure } = run.activity() ?? {};
  assert.equal(pause?.ruleId, 'rule');
  assert.deepEqual([attempt, inBackoff, lastFailure?.message], [2, false, 'no']);
});

test('a failure that may not be tried again ends the activity whatever the rules say', () => {
  const run = scheduled(onRetry);
  const held = run.take();
  const final = { message: 'no', applicationFailureInfo: { nonRetryable: true } };
  run.do('FailActivity', { held, failure: final, identity: 'worker' });
  assert.equal(run.activity(), undefined);
});

test('an activity that is let go is paused again as long as the rule is there', () => {
  const run = scheduled(always);
  refusedStart(run);
  const target = { by: 'id' as const, activityId: 'a1' };
  const letGo = { target, resetAttempts: false, resetHeartbeat: false, jitterMs: 0 };
  run.do('UnpauseActivity', letGo);
  assert.equal(refusedStart(run)?.code, 'Obsolete');
  run.workflowRules = () => undefined;
  run.do('UnpauseActivity', letGo);
  assert.equal(run.take().by, 'token');
});

test('an eager activity that a rule matches stays with the server', () => {
  const run = new ActivityScenario();
  run.workflowRules = always;
  const { eagerActivities } = run.advance(scheduleActivity({ requestEagerExecution: true }));
  assert.deepEqual(eagerActivities, []);
  assert.equal(run.activity()?.pause?.ruleId, 'rule');
});
