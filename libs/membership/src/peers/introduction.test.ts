import assert from 'node:assert/strict';
import test from 'node:test';
import type { PeerHello } from '@duramesh/proto';
import { helloOf, knownCode, objectionTo } from './introduction.ts';

const facts = { clusterId: 'id', clusterName: 'prod', historyShards: 4, matchingSlots: 2 };
const own = helloOf({ facts, service: 'history', memberId: 'here', incarnation: '1' });
const caller = { ...own, memberId: 'there', incarnation: '2', contractVersion: 3, oldestContractVersion: 2 };
const host: PeerHello = { ...own, contractVersion: 3, oldestContractVersion: 2 };

test('a member like this one, and one of the release before or after it, is let in', () => {
  assert.equal(objectionTo(host, caller), undefined);
  assert.equal(objectionTo(host, { ...caller, contractVersion: 2, oldestContractVersion: 1 }), undefined);
  assert.equal(objectionTo(host, { ...caller, contractVersion: 4, oldestContractVersion: 3 }), undefined);
});

for (const [what, difference, code, says] of [
  ['of a cluster with another name', { clusterName: 'test' }, 'cluster', /'test' and here to 'prod': .*--cluster-name/],
  ['on another database', { clusterId: 'other' }, 'cluster', /database is not the one of here: correct its --db/],
  ['with another number of shards', { historyShards: 8 }, 'shards', /counts 8 shards and here 4/],
  ['with another number of slots', { matchingSlots: 8 }, 'slots', /counts 8 matching slots and here 2/],
  [
    'of an older contract',
    { contractVersion: 1, oldestContractVersion: 1 },
    'contract',
    /there speaks .* 1 .* 2 at least/,
  ],
  [
    'of a much newer contract',
    { contractVersion: 5, oldestContractVersion: 4 },
    'contract',
    /here speaks .* 3 .* 4 at least/,
  ],
  ['of another service', { service: 'matching' }, 'service', /is a matching and here a history/],
] as const) {
  test(`a member ${what} is refused with what to do about it`, () => {
    const objection = objectionTo(host, { ...caller, ...difference });
    assert.equal(objection?.code, code);
    assert.match(objection.reason, says);
    assert.equal(knownCode(objection.code), code);
  });
}

test('whatever another process says, metrics see one of a few reasons', () => {
  assert.equal(knownCode('x'.repeat(1_000)), 'other');
});
