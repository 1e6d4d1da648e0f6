import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreFault } from '../api/store.ts';
import { isLost, StatementFailure, toFault } from './errors.ts';

test('a connection that the driver says is closed, by a fatal error without a code, is lost and waiting may help', () => {
  const closed = Object.assign(new Error("Can't add new command when connection is in closed state"), { fatal: true });
  const error = new StatementFailure(0, closed);
  assert.ok(isLost(error));
  const fault = toFault(error, 'mysql://db/duramesh');
  assert.ok(fault instanceof StoreFault);
  assert.equal(fault.code, 'unavailable');
});

test('an error of our own is neither a lost connection nor a fault of the database', () => {
  const error = new TypeError('no such property');
  assert.ok(!isLost(error));
  assert.equal(toFault(error, 'mysql://db/duramesh'), error);
});
