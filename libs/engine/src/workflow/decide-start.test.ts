import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideStart, type StartAttempt, type StartDecision } from './decide-start.ts';
import { completeWorkflow, HistoryScenario } from './history-scenario.fixture.ts';
import { absorb, type ExecutionState } from './state.ts';

const continueAsNew = { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: {} };

const again = (state: ExecutionState, more: Partial<StartAttempt> = {}): StartDecision =>
  decideStart(state, {
    kind: 'start',
    requestId: state.info.chainRequestId || state.info.startRequestId,
    reusePolicy: 0,
    conflictPolicy: 0,
    hasConflictOptions: false,
    ...more,
  });

/** The run that follows one which continues as new. */
function continued(): { readonly first: HistoryScenario; readonly next: ExecutionState } {
  const first = new HistoryScenario();
  first.begin();
  const outcome = first.answer([continueAsNew]);
  assert(outcome.kind === 'committed' && outcome.next);
  return { first, next: absorb(outcome.next.base, outcome.next.diff) };
}

test('a start that is repeated is told of the run it has made, open or closed', () => {
  const run = new HistoryScenario();
  const { runId } = run.state.info;
  const repeated = { kind: 'repeated', started: true, attached: false, runId };
  assert.deepEqual(again(run.state), repeated);
  run.begin().answer([completeWorkflow]);
  assert.deepEqual(again(run.state), repeated);
});

test('a start that is repeated when its run has continued as new is told of that run, and starts no other', () => {
  const { first, next } = continued();
  assert.notEqual(next.info.startRequestId, next.info.chainRequestId);
  const { runId } = first.state.info;
  assert.deepEqual(again(next), { kind: 'repeated', started: true, attached: false, runId });
});

test('another start meets the run of the chain that is there now', () => {
  const { next } = continued();
  const decision = again(next, { requestId: 'another' });
  assert(decision.kind === 'refused');
  assert.equal(decision.refusal.alreadyStarted?.runId, next.info.runId);
});

test('a signal with a start is no repetition, whatever its request id', () => {
  const { next } = continued();
  assert.equal(again(next, { kind: 'signalWithStart' }).kind, 'signalExisting');
});
