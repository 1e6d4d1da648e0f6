import { type Client, type MatchingContract, partitionKey } from '@duramesh/contracts';
import type { TaskQueuePartition } from '@duramesh/proto';
import type { Clock, Counter } from '@duramesh/runtime';

export interface OfferAnswersDeps {
  readonly matching: Pick<Client<MatchingContract>, 'resolveOffers'>;
  readonly clock: Clock;
  /** Counts by `operation`. */
  readonly errors: Counter;
}

interface OfferAnswer {
  readonly offerId: string;
  /** An `OfferOutcome`. */
  readonly outcome: number;
}

interface Gathered {
  readonly queue: TaskQueuePartition;
  readonly answers: OfferAnswer[];
}

/**
 * Tells matching what became of the tasks it offered, all of one partition and one turn of the event loop in one call: one
 * commit of history starts many. Nobody waits for it: when the message is lost, matching offers the tasks again and history
 * knows better. At most as many gather as there are polls.
 */
export class OfferAnswers {
  readonly #deps: OfferAnswersDeps;
  #gathered = new Map<string, Gathered>();

  constructor(deps: OfferAnswersDeps) {
    this.#deps = deps;
  }

  give(queue: TaskQueuePartition, answer: OfferAnswer): void {
    const key = partitionKey(queue);
    const gathered = this.#gathered.get(key);
    if (gathered) return void gathered.answers.push(answer);
    if (this.#gathered.size === 0) this.#deps.clock.defer(() => this.#send());
    this.#gathered.set(key, { queue, answers: [answer] });
  }

  #send(): void {
    const { matching, errors } = this.#deps;
    const all = this.#gathered;
    this.#gathered = new Map();
    for (const request of all.values()) {
      matching.resolveOffers(request).catch(() => errors.add(1, { operation: 'resolveOffers' }));
    }
  }
}
