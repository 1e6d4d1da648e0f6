import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowTaskToken } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { CallMeta } from './call-meta.ts';
import { requestSpan } from './request-span.ts';
import { rpcs } from './rpc-info.ts';
import { rules } from './rpc-rules.ts';
import type { RpcName } from './rpc-types.ts';

const traceparent = (digit: string): string => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
const [ofCall, ofTask, ofHeader] = [traceparent('a'), traceparent('b'), traceparent('c')];

function spanOf(name: RpcName, request: object, header = '') {
  const info = must(
    rpcs.find((it) => it.name === name),
    'the RPC is known',
  );
  const meta: CallMeta = { deadlineMs: 0, signal: new AbortController().signal, header: () => header };
  return requestSpan(request, meta, { info, rules: must(rules.get(name), 'it has rules') });
}

const headerOf = (data: unknown) => ({ fields: { '_tracer-data': { data: Buffer.from(JSON.stringify(data)) } } });
const header = headerOf({ traceparent: ofHeader });
const taskToken = WorkflowTaskToken.encode(
  WorkflowTaskToken.create({ namespaceId: 'n', workflowId: 'w', runId: 'r', attempt: 3, traceparent: ofTask }),
);

test('a start is part of what its SDK says in its header, and of its gRPC call if that has a trace', () => {
  assert.equal(spanOf('StartWorkflowExecution', { header }).parent, ofHeader);
  assert.equal(spanOf('StartWorkflowExecution', { header }, ofCall).parent, ofCall);
});

test('signals, queries, updates and combined starts say it in places of their own', () => {
  assert.equal(spanOf('SignalWorkflowExecution', { header }).parent, ofHeader);
  assert.equal(spanOf('QueryWorkflow', { query: { header } }).parent, ofHeader);
  assert.equal(spanOf('UpdateWorkflowExecution', { request: { input: { header } } }).parent, ofHeader);
  const operations = [{ startWorkflow: { header, workflowId: 'w' } }];
  const combined = spanOf('ExecuteMultiOperation', { operations });
  assert.deepEqual([combined.parent, combined.attributes()['temporalWorkflowId']], [ofHeader, 'w']);
});

test('what a worker answers is part of the trace of its task, or linked with it', () => {
  const own = spanOf('RespondWorkflowTaskCompleted', { taskToken });
  assert.deepEqual([own.parent, own.links], [ofTask, []]);
  const { temporalWorkflowId, temporalRunId, 'duramesh.attempt': attempt } = own.attributes();
  assert.deepEqual([temporalWorkflowId, temporalRunId, attempt], ['w', 'r', 3]);
  const called = spanOf('RespondWorkflowTaskCompleted', { taskToken }, ofCall);
  assert.deepEqual([called.parent, called.links], [ofCall, [ofTask]]);
});

test('a header that cannot be read and a token of somebody else begin a trace', () => {
  const encrypted = { fields: { '_tracer-data': { data: Uint8Array.of(1, 2, 3) } } };
  assert.equal(spanOf('StartWorkflowExecution', { header: encrypted }).parent, '');
  assert.equal(spanOf('StartWorkflowExecution', { header: headerOf({ traceparent: 7 }) }).parent, '');
  assert.equal(spanOf('StartWorkflowExecution', { header: headerOf(null) }).parent, '');
  assert.equal(spanOf('RespondWorkflowTaskCompleted', { taskToken: Uint8Array.of(255, 255) }).parent, '');
});

test('why a worker could not do its task is told', () => {
  const request = { taskToken, failure: { message: 'the bank is away' } };
  assert.equal(spanOf('RespondWorkflowTaskFailed', request).failure, 'the bank is away');
});
