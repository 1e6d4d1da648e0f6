import assert from 'node:assert/strict';
import test from 'node:test';
import { errors } from 'cassandra-driver';
import { StoreFault } from '../api/store.ts';
import { isPassing, isUnsent, isWithoutConnection, toFault } from './errors.ts';

const bare = new Error('No connection available');
const wrapped = new errors.NoHostAvailableError({ '127.0.0.1:9042': bare });

test('a node to which the driver has lost its connections may be well again, whichever way the driver says so', () => {
  for (const error of [bare, wrapped]) {
    assert.ok(isPassing(error));
    assert.ok(isWithoutConnection(error));
    const fault = toFault(error, 'there');
    assert.ok(fault instanceof StoreFault);
    assert.equal(fault.code, 'unavailable');
  }
});

test('only what no node was asked is known to be unsent', () => {
  assert.ok(isUnsent(wrapped));
  assert.ok(!isUnsent(bare));
});
