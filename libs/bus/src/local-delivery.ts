import type { Delivery, LocalSubscription, ReplyTo } from './local-subscription.ts';

interface Item {
  readonly subscription: LocalSubscription;
  readonly delivery: Delivery;
  readonly replyTo: ReplyTo;
}

/** Hands requests to handlers of this process: never inside the call that made them, always before any I/O. */
export class LocalDelivery {
  #queue: Item[] = [];

  send(subscription: LocalSubscription, delivery: Delivery, replyTo: ReplyTo): void {
    this.#queue.push({ subscription, delivery, replyTo });
    if (this.#queue.length === 1) queueMicrotask(() => this.#drain());
  }

  #drain(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const { subscription, delivery, replyTo } of queue) subscription.deliver(delivery, replyTo);
  }
}
