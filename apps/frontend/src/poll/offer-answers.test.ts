import assert from 'node:assert/strict';
import test from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import { OfferAnswers } from './offer-answers.ts';

const queue = { namespaceId: 'ns', name: 'queue', type: 1, kind: 1, partition: 0, normalName: '' };

test('what became of the offers of one partition in one turn is told in one call', async () => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const answers = new OfferAnswers({
    clock,
    errors: { add: () => assert.fail('no call fails') },
    matching: {
      resolveOffers: async (request) => {
        told.push(`${request.queue?.partition}: ${request.answers.map((answer) => answer.offerId).join(' ')}`);
        return {};
      },
    },
  });
  answers.give(queue, { offerId: 'first', outcome: 1 });
  answers.give({ ...queue, partition: 3 }, { offerId: 'elsewhere', outcome: 1 });
  answers.give({ ...queue, kind: 2 }, { offerId: 'of a sticky queue of that name', outcome: 1 });
  answers.give(queue, { offerId: 'second', outcome: 2 });
  await clock.settle();
  answers.give(queue, { offerId: 'later', outcome: 1 });
  await clock.settle();
  assert.deepEqual(told, ['0: first second', '3: elsewhere', '0: of a sticky queue of that name', '0: later']);
});
