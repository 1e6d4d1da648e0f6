import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutFailure, type Failure, failureSizeBytes, keptFailure, oversizeFailure, serverFailure } from './failures.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { byteLength } from './text.ts';

test('a failure of common size is kept as it is', () => {
  const failure: Failure = { message: 'm', stackTrace: 's'.repeat(3_000), applicationFailureInfo: { type: 'T' } };
  assert.equal(keptFailure(failure, DEFAULT_LIMITS), failure);
  assert.equal(keptFailure(undefined, DEFAULT_LIMITS), undefined);
});

test('of a large failure the kind is kept, under one that says it was cut and may be retried', () => {
  const failure: Failure = {
    message: 'm'.repeat(5_000),
    source: 'sdk',
    applicationFailureInfo: { type: 'Fatal', nonRetryable: true },
  };
  const kept = keptFailure(failure, DEFAULT_LIMITS);
  assert.equal(kept?.message, 'Failure exceeds size limit.');
  assert.deepEqual(kept.serverFailureInfo, { nonRetryable: false });
  assert.deepEqual(kept.cause?.applicationFailureInfo, { type: 'Fatal', nonRetryable: true });
  assert.ok(kept.cause.message && kept.cause.message.length > 1_900);
  assert.ok(failureSizeBytes(kept) < 4_096);
});

test('an oversize failure is never retried and stays under the limit', () => {
  const failure: Failure = { message: 'f'.repeat(2 << 20), applicationFailureInfo: { type: 'T' } };
  const cut = oversizeFailure(failure, 512 * 1024);
  assert.deepEqual(cut.serverFailureInfo, { nonRetryable: true });
  assert.equal(cut.cause?.applicationFailureInfo?.type, 'T');
  assert.ok(failureSizeBytes(cut) < 2 << 20);
});

test('texts are cut between characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (message, bytes) => {
      const cut = cutFailure({ message }, bytes).message ?? '';
      assert.ok(message.startsWith(cut));
      assert.ok(byteLength(cut) <= bytes);
      assert.ok(cut === message || byteLength(cut) > bytes - 4);
    }),
  );
});

test('causes share what their failure leaves of the room', () => {
  const cut = cutFailure({ message: 'x'.repeat(90), cause: { message: 'y'.repeat(90), cause: { message: 'z' } } }, 100);
  assert.equal(cut.cause?.message, 'y'.repeat(10));
  assert.equal(cut.cause.cause, undefined);
});

test('a server failure says whether it may be retried', () => {
  assert.deepEqual(serverFailure('m', true), {
    message: 'm',
    cause: undefined,
    serverFailureInfo: { nonRetryable: true },
  });
});
