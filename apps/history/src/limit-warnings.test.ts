import assert from 'node:assert/strict';
import test from 'node:test';
import { DEFAULT_LIMITS, emptyState, transition } from '@duramesh/engine';
import { silentLogger } from '@duramesh/telemetry';
import { limitWarnings } from './limit-warnings.ts';

/** The start of a workflow: two events. */
function startChange() {
  const request = { workflowId: 'wf', workflowType: { name: 't' }, taskQueue: { name: 'q' } };
  const command = { namespaceId: 'ns', namespace: 'n', request, requestId: 'r', eager: false };
  const environment = { now: 1_000, limits: DEFAULT_LIMITS, newRunId: 'run', chance: 0 };
  const outcome = transition(emptyState('ns', 'wf', 'run'), { name: 'StartWorkflow', command }, environment);
  assert.ok(outcome.kind === 'committed');
  return outcome.change;
}

function warned(limits: Partial<typeof DEFAULT_LIMITS>): readonly object[] {
  const said: object[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => said.push(fields) };
  const change = startChange();
  const key = { namespaceId: 'ns', workflowId: 'wf', runId: 'run' };
  const run = { key, shard: 0, state: change.base, version: 1, tail: [], tailBytes: 0 };
  limitWarnings(logger, { ...DEFAULT_LIMITS, ...limits })(run, change);
  return said;
}

test('a history that passes a warning limit is spoken of, by its run', () => {
  assert.deepEqual(warned({}), []);
  assert.deepEqual(warned({ historyWarnCount: 2 }), []);
  const [long] = warned({ historyWarnCount: 1 });
  assert.deepEqual(long, { namespaceId: 'ns', workflowId: 'wf', runId: 'run', count: 2, limit: 51_200 });
  assert.equal(warned({ historyWarnSizeBytes: 10 }).length, 1);
});

test('a history that had passed the limit before is not spoken of again', () => {
  const said: object[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => said.push(fields) };
  const change = startChange();
  const run = {
    key: { namespaceId: '', workflowId: '', runId: '' },
    shard: 0,
    state: change.base,
    version: 1,
    tail: [],
    tailBytes: 0,
  };
  const grown = { ...change, base: { ...change.base, info: { ...change.diff.info } } };
  limitWarnings(logger, { ...DEFAULT_LIMITS, historyWarnCount: 1, historyWarnSizeBytes: 10 })(run, grown);
  assert.deepEqual(said, []);
});
