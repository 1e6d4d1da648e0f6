import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeWorkflow } from './activity-scenario.fixture.ts';
import { canonical } from './canonical.ts';
import {
  cancelExternal,
  FamilyScenario,
  PARENT_RUN,
  parentage,
  signalExternal,
  startChild,
} from './family-scenario.fixture.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const source = { workflowId: 'parent', runId: PARENT_RUN, initiatedEventId: 7, childWorkflowOnly: true };

test('a signal and a cancel request are on their way until they have come to something', () => {
  const run = new FamilyScenario();
  run.advance(signalExternal({ control: 'c' }), cancelExternal());
  assert.deepEqual(run.left, ['CancelExternal/6', 'SignalExternal/5']);
  run.do('RecordExternalResult', { kind: 'signal', initiatedEventId: 5, failedCause: undefined, control: 'c' });
  run.do('RecordExternalResult', { kind: 'cancel', initiatedEventId: 6, failedCause: 1, control: '' });
  assert.deepEqual(run.names(7), [
    'ExternalWorkflowExecutionSignaled',
    'WorkflowTaskScheduled',
    'RequestCancelExternalWorkflowExecutionFailed',
  ]);
  assert.equal(run.last('ExternalWorkflowExecutionSignaled').control, 'c');
  assert.deepEqual(run.left, []);
});

test('what became of a request is told once', () => {
  const run = new FamilyScenario();
  run.advance(signalExternal());
  const result = { kind: 'signal', initiatedEventId: 5, failedCause: undefined, control: '' } as const;
  run.do('RecordExternalResult', result);
  assert.equal(run.ask('RecordExternalResult', { ...result, failedCause: 1 }).kind, 'noop');
});

test('a run that closes sends nothing any more', () => {
  const run = new FamilyScenario();
  run.advance(signalExternal(), completeWorkflow);
  assert.deepEqual(run.left, []);
  assert.equal(run.outstanding, false);
});

test('a paused run sends what it has decided to send', () => {
  const run = new FamilyScenario();
  run.do('PauseWorkflow', { identity: '', reason: '', requestId: '' });
  assert.deepEqual(run.left, []);
  const busy = new FamilyScenario();
  busy.takeWorkflowTask();
  busy.do('PauseWorkflow', { identity: '', reason: '', requestId: '' });
  busy.advance(signalExternal());
  assert.deepEqual(busy.left, ['SignalExternal/5']);
  assert.equal(busy.tasks.at(-1)?.type, 'SignalExternal');
});

test('a child of the same completion cannot be canceled', () => {
  const told = new FamilyScenario().advanceBadly(startChild(), cancelExternal({ workflowId: 'child' }));
  assert.match(told, /Start and RequestCancel for child workflow is not allowed/);
});

test('more requests than may be on their way fail the workflow task', () => {
  const run = new FamilyScenario();
  run.limits = { ...DEFAULT_LIMITS, pendingExternalCancels: 1, pendingExternalSignals: 1 };
  run.advance(cancelExternal(), signalExternal());
  run.signal();
  assert.match(run.advanceBadly(cancelExternal()), /^PendingRequestCancelLimitExceeded: the number/);
  run.signal();
  assert.match(run.advanceBadly(signalExternal()), /pending signals to external workflows, 1/);
});

test('what is meant for a child reaches it, and tells who sent it', () => {
  const run = new FamilyScenario({}, parentage);
  const by = { identity: 'history-service', requestId: 'r', source };
  run.do('SignalWorkflow', { signalName: 'go', endsBackoff: false, ...by });
  run.do('RequestCancelWorkflow', { reason: 'why', firstExecutionRunId: '', ...by });
  const sender = { workflowId: 'parent', runId: PARENT_RUN };
  assert.deepEqual(canonical(run.last('WorkflowExecutionSignaled').externalWorkflowExecution), sender);
  assert.deepEqual(canonical(run.last('WorkflowExecutionCancelRequested').externalWorkflowExecution), sender);
  assert.equal(run.last('WorkflowExecutionCancelRequested').externalInitiatedEventId, 7);
});

test('what is meant for a child is refused by the child of another parent', () => {
  const run = new FamilyScenario({}, { ...parentage, runId: 'another' });
  const by = { identity: 'history-service', requestId: 'r', source, firstExecutionRunId: '' };
  const text = 'workflow parent does not match';
  assert.equal(run.refusal('SignalWorkflow', { signalName: 'go', endsBackoff: false, ...by }).message, text);
  assert.equal(run.refusal('RequestCancelWorkflow', { reason: '', ...by }).message, text);
  assert.equal(run.refusal('TerminateWorkflow', { reason: '', ...by }).message, text);
});
