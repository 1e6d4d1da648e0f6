import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeWorkflow } from './activity-scenario.fixture.ts';
import type { RequestingWorkflow } from './commands.ts';
import {
  cancelExternal,
  CHILD_RUN,
  FamilyScenario,
  PARENT_RUN,
  parentage,
  POLICY,
  signalExternal,
  startChild,
} from './family-scenario.fixture.ts';
import { NEW_RUN, reset } from './reset-scenario.fixture.ts';

const LEAVE = { newRunId: NEW_RUN, requestId: 'reset', reason: 'again', isBase: true };

/** Event 5 initiates a child. Then a signal (6) brings a second workflow task (7 to 9). */
function parent(policy: number = POLICY.terminate): FamilyScenario {
  const run = new FamilyScenario();
  run.advance(startChild({ parentClosePolicy: policy }));
  run.signal();
  run.advance();
  return run;
}

test('a child that was initiated before the point and not started yet is started by the same request', () => {
  const run = parent();
  const base = reset(run, 9);
  assert.deepEqual(run.left, ['StartChild/5']);
  assert.equal(run.state.children.get(5)?.originRunId, base.info.runId);
  run.childStarted(5);
  run.childConfirmed(5);
  assert.deepEqual(run.left, ['AskChild/5'], 'the base may have started it, and heard of its end');
  run.do('RecordTaskDone', { type: 'AskChild', initiatedEventId: 5 });
  assert.deepEqual(run.left, []);
});

test('a child that started after the point is started in the new run, and one that ended has ended', () => {
  const run = parent();
  run.childStarted(5);
  reset(run, 9);
  assert.deepEqual(run.names(9), ['WorkflowTaskFailed', 'ChildWorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  assert.deepEqual([run.state.children.get(5)?.runId, run.left], [CHILD_RUN, ['ConfirmChild/5', 'AskChild/5']]);
  run.childClosed(5);
  reset(run, 9);
  assert.deepEqual(run.names(9), [
    'WorkflowTaskFailed',
    'ChildWorkflowExecutionStarted',
    'ChildWorkflowExecutionCompleted',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(run.last('ChildWorkflowExecutionCompleted').startedEventId, 10);
  assert.equal(run.state.children.size, 0);
});

test('a child that started before the point belongs to the new run, and its end names its start', () => {
  const run = new FamilyScenario();
  run.advance(startChild());
  run.childStarted(5);
  run.childConfirmed(5);
  run.advance();
  run.childClosed(5);
  reset(run, 9);
  assert.deepEqual(run.names(9), ['WorkflowTaskFailed', 'ChildWorkflowExecutionCompleted', 'WorkflowTaskScheduled']);
  assert.equal(run.last('ChildWorkflowExecutionCompleted').startedEventId, 6);
});

test('what happened to children that were initiated after the point does not come again', () => {
  const run = parent();
  run.childStarted(5);
  run.childClosed(5);
  reset(run, 4);
  assert.deepEqual(run.names(4), ['WorkflowTaskFailed', 'WorkflowExecutionSignaled', 'WorkflowTaskScheduled']);
});

test('a run that is left for another one tells neither its children nor its parent that it has ended', () => {
  const run = new FamilyScenario();
  run.advance(startChild({ parentClosePolicy: POLICY.requestCancel }));
  run.childStarted(5);
  run.childConfirmed(5);
  run.do('LeaveToReset', LEAVE);
  assert.deepEqual([run.left, run.outstanding], [[], false]);
});

test('a run that had ended before goes on to tell what it has to tell', () => {
  const run = new FamilyScenario();
  run.advance(startChild({ parentClosePolicy: POLICY.requestCancel }));
  run.childStarted(5);
  run.childConfirmed(5);
  run.advance(completeWorkflow);
  run.do('LeaveToReset', LEAVE);
  assert.deepEqual(run.left, ['ApplyClosePolicy/5']);
});

test('requests to others that had come to nothing at the point are sent by the new run as the same requests', () => {
  const run = new FamilyScenario();
  run.advance(signalExternal(), cancelExternal({ workflowId: 'another' }));
  run.signal();
  run.advance();
  const base = reset(run, 10);
  assert.deepEqual(run.left, ['CancelExternal/6', 'SignalExternal/5']);
  for (const request of [run.state.externalSignals.get(5), run.state.externalCancels.get(6)]) {
    assert.equal(request?.originRunId, base.info.runId);
  }
});

test('a child takes the new run for its parent, and others still not', () => {
  const child = new FamilyScenario({}, parentage);
  const source: RequestingWorkflow = {
    workflowId: 'parent',
    runId: NEW_RUN,
    initiatedEventId: 5,
    childWorkflowOnly: true,
    baseRunIds: [PARENT_RUN],
  };
  const signal = { signalName: 's', identity: 'parent', requestId: 'r', endsBackoff: false };
  assert.equal(child.refusal('SignalWorkflow', { ...signal, source: { ...source, baseRunIds: [] } }).code, 'NotFound');
  child.do('SignalWorkflow', { ...signal, source });
  assert.equal(child.names().at(-1), 'WorkflowExecutionSignaled');
});
