import type { MemoryBusFaults } from '@duramesh/bus';
import type { MemoryStoreFaults, WriteFate } from '@duramesh/persistence/memory';
import type { Clock, Dice } from '@duramesh/runtime';

/** How bad the world of one seed is. Drawn per seed, so that each seed stresses something else. */
export interface FaultRates {
  readonly dropRequest: number;
  readonly dropReply: number;
  readonly duplicate: number;
  readonly busDelayMs: number;
  readonly storeLatencyMs: number;
  /** A write whose reply is lost. */
  readonly unknown: number;
  /** A store handle that hangs for longer than a membership lasts. */
  readonly stall: number;
  readonly crash: number;
  readonly vanish: number;
}

export const CALM: FaultRates = {
  dropRequest: 0,
  dropReply: 0,
  duplicate: 0,
  busDelayMs: 0,
  storeLatencyMs: 0,
  unknown: 0,
  stall: 0,
  crash: 0,
  vanish: 0,
};

/** @see FaultRates */
export function drawFaultRates(dice: Dice): FaultRates {
  const sometimes = (rate: number): number => (dice.happens(0.5) ? dice.random.next() * rate : 0);
  return {
    dropRequest: sometimes(0.05),
    dropReply: sometimes(0.05),
    duplicate: sometimes(0.1),
    busDelayMs: dice.happens(0.7) ? dice.between(1, 40) : 0,
    storeLatencyMs: dice.happens(0.7) ? dice.between(1, 25) : 0,
    unknown: sometimes(0.08),
    stall: sometimes(0.004),
    crash: dice.happens(0.6) ? 1 : 0,
    vanish: sometimes(0.15),
  };
}

/** Faults that end when the world is told to heal. */
export class Faults {
  rates: FaultRates;
  readonly #dice: Dice;
  readonly #clock: Clock;

  constructor(rates: FaultRates, dice: Dice, clock: Clock) {
    this.rates = rates;
    this.#dice = dice;
    this.#clock = clock;
  }

  heal(): void {
    this.rates = CALM;
  }

  bus(): MemoryBusFaults {
    const dice = this.#dice;
    const delayMs = (): number => (this.rates.busDelayMs > 0 ? dice.below(this.rates.busDelayMs) : 0);
    return {
      dropRequest: () => dice.happens(this.rates.dropRequest),
      dropReply: () => dice.happens(this.rates.dropReply),
      duplicateRequest: () => dice.happens(this.rates.duplicate),
      requestDelayMs: delayMs,
      replyDelayMs: delayMs,
    };
  }

  /** The faults of one process' way to the store. */
  store(): MemoryStoreFaults {
    const dice = this.#dice;
    let stalledUntilMs = 0;
    return {
      latencyMs: () => {
        const now = this.#clock.now();
        if (dice.happens(this.rates.stall))
          stalledUntilMs = Math.max(stalledUntilMs, now + dice.between(5_000, 30_000));
        const latencyMs = this.rates.storeLatencyMs > 0 ? dice.below(this.rates.storeLatencyMs) : 0;
        return Math.max(latencyMs, stalledUntilMs - now);
      },
      // What was asked before the store hung is held up as well, done or not.
      answerLatencyMs: () => Math.max(0, stalledUntilMs - this.#clock.now()),
      fate: (): WriteFate => {
        if (!dice.happens(this.rates.unknown)) return 'answered';
        return dice.pick([{ landsAfterMs: 0 }, { landsAfterMs: undefined }, { landsAfterMs: dice.between(1, 2_000) }]);
      },
      isDown: () => false,
    };
  }
}
