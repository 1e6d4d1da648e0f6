import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plain, temporal } from '@duramesh/proto';
import { describeExecution } from './describe.ts';
import { attributesOf } from './events.ts';
import { completeWorkflow, HistoryScenario } from './history-scenario.fixture.ts';
import { absorb } from './state.ts';

const callback = (token: string) => ({ nexus: { url: 'temporal://system', header: { token } } });
const attach = { requestId: 'second', identity: 'client', attachRequestId: true, links: [] };

type Callbacks = readonly Plain<temporal.api.common.v1.ICallback>[];
const tokensOf = (callbacks: Callbacks) => callbacks.map(({ nexus }) => nexus?.header?.['token']);

function described(scenario: HistoryScenario) {
  const [startedEvent] = scenario.events;
  assert(startedEvent);
  const { callbacks = [] } = describeExecution(scenario.state, { startedEvent, now: scenario.now });
  return callbacks.map((info) => ({
    token: tokensOf([info.callback ?? {}])[0],
    state: info.state,
    at: info.registrationTime?.seconds,
  }));
}

test('callbacks of the start and of later requests stand by in the order of their registration', () => {
  const run = new HistoryScenario({ completionCallbacks: [callback('a')] });
  run.begin();
  run.now += 5_000;
  run.do('AttachRequest', { ...attach, completionCallbacks: [callback('b'), callback('c')] });
  const expected = [
    { token: 'a', state: 1, at: 1_000 },
    { token: 'b', state: 1, at: 1_005 },
    { token: 'c', state: 1, at: 1_005 },
  ];
  assert.deepEqual(described(run), expected, 'also while the event waits for its id');
  run.answer();
  assert.deepEqual(described(run), expected);
});

test('a run takes only so many callbacks', () => {
  const run = new HistoryScenario({ completionCallbacks: [callback('a')] });
  run.limits = { ...run.limits, callbacks: 2 };
  const refused = run.ask('AttachRequest', { ...attach, completionCallbacks: [callback('b'), callback('c')] });
  assert(refused.kind === 'refused');
  assert.equal(refused.refusal.code, 'FailedPrecondition');
  assert.equal(
    refused.refusal.message,
    'cannot attach more than 2 callbacks to a workflow (1 callbacks already attached)',
  );
  run.do('AttachRequest', { ...attach, completionCallbacks: [callback('b')] });
  assert.equal(described(run).length, 2);
});

test('callbacks are due when the run has ended, and go on standing by where another run goes on', () => {
  const run = new HistoryScenario({ completionCallbacks: [callback('a')] });
  run.begin().answer([completeWorkflow]);
  assert.deepEqual(described(run), [{ token: 'a', state: 2, at: 1_000 }]);
});

test('the next run of a chain is given every callback of the one before, also those that came later', () => {
  const run = new HistoryScenario({ completionCallbacks: [callback('a')] });
  run.do('AttachRequest', { ...attach, completionCallbacks: [callback('b')] });
  run.begin();
  const continueAsNewWorkflowExecutionCommandAttributes = { workflowType: { name: 't' }, taskQueue: { name: 'tq' } };
  const outcome = run.answer([{ commandType: 10, continueAsNewWorkflowExecutionCommandAttributes }]);
  assert(outcome.kind === 'committed' && outcome.next);
  const next = absorb(outcome.next.base, outcome.next.diff);
  assert.deepEqual(tokensOf([...next.callbacks.values()].map((info) => info.callback ?? {})), ['a', 'b']);
  const started = run.events.find(({ eventId }) => eventId === 1);
  assert(started);
  assert.equal(attributesOf('WorkflowExecutionStarted', started).completionCallbacks?.length, 1);
  assert.deepEqual(
    described(run).map(({ state }) => state),
    [1, 1],
  );
});
