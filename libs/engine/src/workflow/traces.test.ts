import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryScenario } from './history-scenario.fixture.ts';
import { reset } from './reset-scenario.fixture.ts';

test('a run keeps the trace that it was started in, whoever moves it later', () => {
  const run = new HistoryScenario();
  run.traceparent = 'of a worker';
  run.begin().answer();
  assert.equal(run.state.info.traceparent, 'of the start');
});

test('the next run of a chain is seen in the trace of the first', () => {
  const run = new HistoryScenario();
  run.traceparent = 'of a worker';
  const outcome = run
    .begin()
    .answer([
      { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: 'wf-type' } } },
    ]);
  assert(outcome.kind === 'committed');
  assert.equal(outcome.next?.diff.info.traceparent, 'of the start');
});

test('a run that is made by a reset is seen in the trace of its base', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  reset(run, 4);
  assert.equal(run.state.info.traceparent, 'of the start');
});
