import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrontendWorld } from '../testing/frontend-world.ts';

/** Every JavaScript object answers to these names. */
const NAMES = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
const KEYWORD = 2;

test('a client may be named as anything is', async () => {
  const world = await FrontendWorld.start();
  for (const name of NAMES) {
    const headers = { 'client-name': name, 'client-version': '1.0.0' };
    await world.call('GetSystemInfo', {}, { headers });
  }
});

test('a search attribute may be named as what every object has', async () => {
  const world = await FrontendWorld.start();
  for (const name of ['constructor', 'toString']) {
    await world.call('AddSearchAttributes', { namespace: 'default', searchAttributes: { [name]: KEYWORD } });
  }
  const { customAttributes } = await world.call('ListSearchAttributes', { namespace: 'default' });
  for (const name of ['constructor', 'toString']) assert.equal(customAttributes?.[name], KEYWORD);
});

test('a path of a field mask that names no field is refused, whatever it is called', async () => {
  const world = await FrontendWorld.start();
  const workflowExecution = { workflowId: 'w' };
  for (const name of NAMES) {
    const request = { namespace: 'default', workflowExecution, updateMask: { paths: [name] } };
    assert.match(await world.refusal('UpdateWorkflowExecutionOptions', request), /^3 /, name);
  }
});

test('bytes that are no request are the fault of who sent them', async () => {
  const world = await FrontendWorld.start();
  const refusal = await world.refusal('DescribeNamespace', { namespace: '\ud800' });
  assert.match(refusal, /^3 grpc: error unmarshalling request: /);
});
