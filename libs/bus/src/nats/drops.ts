import type { Clock, Logger } from '@duramesh/runtime';

/** Why a message was refused, and what an operator should think of. */
const REASONS = {
  foreign: 'it is not of our protocol: another program seems to use the same account',
  damaged: 'it is cut off or garbled',
  otherCluster: 'it is of another cluster: give each cluster a broker or an account of its own, or correct --db',
  otherVersion: 'it is of a release too old or too new to understand: upgrade one release after the other',
  expired: 'its deadline had passed before it came',
  outdated: 'a broker had kept it, and the call was asked again and answered meanwhile',
  tooLarge: 'it announced more than may be sent',
  incomplete: 'the rest of it never came',
  unknownReply: 'it answers what was never asked',
  lateReply: 'nobody waits for it any more',
  forbidden: 'the broker does not allow it: correct the permissions of the user this process logs in as',
} as const;
export type DropReason = keyof typeof REASONS;

const TELL_EVERY_MS = 60_000;

/** Counts what is refused, and says so in the log at most once a minute for each reason. */
export class Drops {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #counts = new Map<DropReason, { total: number; told: number; tellAtMs: number }>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([reason, { total }]) => [reason, total]));
  }

  /** `about`: what helps to find the sender, such as a subject or the name of a process. */
  add(reason: DropReason, about: string): void {
    let count = this.#counts.get(reason);
    if (count === undefined) this.#counts.set(reason, (count = { total: 0, told: 0, tellAtMs: -Infinity }));
    count.total += 1;
    if (reason === 'lateReply') return; // every timeout has one
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < count.tellAtMs) return;
    const messages = count.total - count.told;
    this.#logger.warn({ reason, messages, about }, `A message on the bus was refused: ${REASONS[reason]}.`);
    count.told = count.total;
    count.tellAtMs = nowMs + TELL_EVERY_MS;
  }
}
