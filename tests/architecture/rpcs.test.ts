import assert from 'node:assert/strict';
import test from 'node:test';
import { rpcTable } from '../../scripts/rpc-table.ts';
import { handlerFile, kebabCase, publicRpcs } from '../../scripts/rpcs.ts';
import { glob, readText } from './workspace.ts';

const handlers = glob('apps/frontend/src/handlers/**/*.ts').filter((file) => !file.endsWith('.test.ts'));

test('the public API has the RPCs this repository was written for', () => {
  assert.deepEqual(
    publicRpcs().map(({ service, rpcs }) => `${service} ${rpcs.length}`),
    ['WorkflowService 123', 'OperatorService 12'],
  );
});

test('every handler file handles exactly one RPC', () => {
  const known = new Set(publicRpcs().flatMap(({ rpcs }) => rpcs.map(handlerFile)));
  const strays = handlers.filter((file) => !known.has(file));
  assert.deepEqual(strays, [], 'a handler file is named after its RPC; what handlers share lives beside the folder');
});

test('every RPC is built in one handler file or told to be UNIMPLEMENTED in the README', () => {
  const readme = readText('README.md');
  assert.ok(readme.includes(rpcTable((file) => handlers.includes(file))), 'run `npm run generate`');
});

test('the file of an RPC is its name in lower case with dashes', () => {
  assert.equal(kebabCase('RespondActivityTaskCompletedById'), 'respond-activity-task-completed-by-id');
  assert.equal(handlerFile('GetSystemInfo'), 'apps/frontend/src/handlers/get-system-info.ts');
});
