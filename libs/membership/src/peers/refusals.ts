import type { Clock, Counter, Logger, Metrics } from '@duramesh/runtime';

/** One line for each kind of refusal in this time: whoever knocks a thousand times fills no disk. */
const QUIET_MS = 10_000;
/** Of what another process says, in a line of the log. */
const MAX_CHARS = 500;

/** Counts every refusal, and says each kind of them once in a while. */
export class Refusals {
  readonly #counter: Counter;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #service: string;
  readonly #saidAtMs = new Map<string, number>();

  constructor(service: string, { metrics, logger, clock }: { metrics: Metrics; logger: Logger; clock: Clock }) {
    this.#counter = metrics.counter('membership_refused', 'Links between members that were refused, by the reason.');
    this.#service = service;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** `code` and `what` come from small closed sets; `why` may be what another process said. */
  note(
    code: string,
    what: string,
    { why, ...about }: { readonly why?: string; readonly [key: string]: unknown },
  ): void {
    this.#counter.add(1, { service: this.#service, reason: code });
    const now = this.#clock.monotonicMs();
    const key = `${code} ${what}`;
    const saidAtMs = this.#saidAtMs.get(key);
    if (saidAtMs !== undefined && now - saidAtMs < QUIET_MS) return;
    this.#saidAtMs.set(key, now);
    const message = why === undefined ? what : `${what}: ${why.slice(0, MAX_CHARS)}`;
    this.#logger.warn({ ...about, service: this.#service, reason: code }, message);
  }
}
