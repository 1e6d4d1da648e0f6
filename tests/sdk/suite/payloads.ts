import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { assertSoundHistory, eventsOf } from '../support/history-checks.ts';
import { skewedPayloads } from '../support/skewed-payloads.ts';
import { greetInRuns, messageOfFailure } from '../workflows/index.ts';
import { TRACE_HEADER } from '../workflows/trace-headers.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

const SECRET = 'nobody-may-read-this';

/** Every text in a value, that of its bytes included. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return value !== null && typeof value === 'object' ? Object.values(value).map(textOf).join('\n') : '';
}

export const payloadTests: LabTests = (lab) => {
  test('what a codec encodes is kept as it is, in arguments, failures, memo and results', async () => {
    const taskQueue = lab().id('codec');
    const payloadCodecs = [skewedPayloads];
    const failureConverterPath = path.join(import.meta.dirname, '..', 'support', 'private-failures.ts');
    const worker = await lab().startWorker(taskQueue, { dataConverter: { payloadCodecs, failureConverterPath } });
    const client = new Client({ connection: lab().client.connection, dataConverter: { payloadCodecs } });
    const handle = await client.workflow.start(messageOfFailure, {
      workflowId: taskQueue,
      taskQueue,
      args: [SECRET],
      memo: { secret: SECRET },
    });
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), SECRET);
    assert.deepEqual((await handle.describe()).memo, { secret: SECRET });
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.ok(!textOf(events).includes(SECRET));
    assert.match(textOf(events), /Encoded failure/);
    await worker.stop();
  });

  test('a header of the client reaches the activities of every run', async () => {
    const taskQueue = lab().id('headers');
    const seen: unknown[] = [];
    const worker = await lab().startWorker(taskQueue, {
      interceptors: {
        activity: [
          () => ({
            inbound: {
              async execute(input, next) {
                const header = input.headers[TRACE_HEADER];
                seen.push(header && defaultPayloadConverter.fromPayload(header));
                return next(input);
              },
            },
          }),
        ],
      },
    });
    const trace = defaultPayloadConverter.toPayload('from the client');
    const client = new Client({
      connection: lab().client.connection,
      interceptors: {
        workflow: [
          { start: async (input, next) => next({ ...input, headers: { ...input.headers, [TRACE_HEADER]: trace } }) },
        ],
      },
    });
    const handle = await client.workflow.start(greetInRuns, { workflowId: taskQueue, taskQueue, args: [3] });
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'Hello, run 1!');
    assert.deepEqual(seen, ['from the client', 'from the client', 'from the client']);
    await worker.stop();
  });
};
