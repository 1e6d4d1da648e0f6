import type { Clock } from '@duramesh/runtime';
import type { BusFaultCode } from '../bus.ts';
import type { Parcel } from '../parcel.ts';
import { LocalDelivery } from '../local-delivery.ts';
import type { Delivery, ReplyTo } from '../local-subscription.ts';
import { SubjectTable } from '../subject-table.ts';
import type { MemoryBusFaults } from './memory-bus-faults.ts';

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly faults?: MemoryBusFaults | undefined;
}

/** What carries messages between the memory buses of one process, each of which plays a process of its own. */
export class MemoryNetwork {
  readonly clock: Clock;
  readonly table = new SubjectTable();
  readonly #delivery = new LocalDelivery();
  readonly #faults: MemoryBusFaults | undefined;

  constructor(options: MemoryNetworkOptions) {
    this.clock = options.clock;
    this.#faults = options.faults;
  }

  send(delivery: Delivery, replyTo: ReplyTo): void {
    if (this.#faults === undefined) return this.#arrive(delivery, replyTo);
    const { subject } = delivery;
    if (this.#faults.dropRequest?.(subject)) return;
    const back = new FaultyReply(subject, { replyTo, faults: this.#faults, clock: this.clock });
    const copies = this.#faults.duplicateRequest?.(subject) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      after(this.clock, this.#faults.requestDelayMs?.(subject), () => this.#arrive(delivery, back));
    }
  }

  #arrive(delivery: Delivery, replyTo: ReplyTo): void {
    const subscription = this.table.find(delivery.subject);
    if (subscription === undefined) return replyTo.fail('noResponders', 'nobody serves the subject');
    this.#delivery.send(subscription, delivery, replyTo);
  }
}

function after(clock: Clock, delayMs: number | undefined, run: () => void): void {
  if (delayMs !== undefined && delayMs > 0) clock.schedule(delayMs, run);
  else run();
}

class FaultyReply implements ReplyTo {
  readonly #subject: string;
  readonly #way: { readonly replyTo: ReplyTo; readonly faults: MemoryBusFaults; readonly clock: Clock };

  constructor(subject: string, way: { replyTo: ReplyTo; faults: MemoryBusFaults; clock: Clock }) {
    this.#subject = subject;
    this.#way = way;
  }

  succeed(reply: Parcel): void {
    this.#send((replyTo) => replyTo.succeed(reply));
  }

  fail(code: BusFaultCode, message: string, cause?: unknown): void {
    this.#send((replyTo) => replyTo.fail(code, message, cause));
  }

  #send(tell: (replyTo: ReplyTo) => void): void {
    const { replyTo, faults, clock } = this.#way;
    if (faults.dropReply?.(this.#subject)) return;
    after(clock, faults.replyDelayMs?.(this.#subject), () => tell(replyTo));
  }
}
