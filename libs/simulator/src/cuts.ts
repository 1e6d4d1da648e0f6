import type { MemoryPeerFaults } from '@duramesh/membership/memory';
import type { Clock, Dice } from '@duramesh/runtime';
import type { FaultRates } from './faults.ts';

interface CutsDeps {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly rates: FaultRates;
}

/** Cuts between the members, for seconds at a time: of two from each other, or of one from all the others. */
export class Cuts implements MemoryPeerFaults {
  readonly #deps: CutsDeps;
  /** Of a process that is cut off, or of two in the order of their names. */
  readonly #cut = new Map<string, number>();
  #isHealed = false;

  constructor(deps: CutsDeps) {
    this.#deps = deps;
  }

  /** Draws what will be cut until then; in a world whose bus is perfect the network is, too. */
  begin(processes: readonly { readonly name: string }[], untilMs: number): void {
    const { clock, dice, rates } = this.#deps;
    if (rates.busDelayMs === 0) return;
    for (let i = dice.between(0, 4); i > 0; i--) {
      const [one, other] = [dice.pick(processes).name, dice.pick(processes).name];
      const name = dice.happens(0.5) ? one : pairOf(one, other);
      const atMs = dice.below(untilMs);
      clock.schedule(atMs, () => this.#change(name, 1));
      clock.schedule(atMs + dice.between(500, 20_000), () => this.#change(name, -1));
    }
  }

  heal(): void {
    this.#isHealed = true;
  }

  isCut(from: string, to: string): boolean {
    if (this.#isHealed) return false;
    return [from, to, pairOf(from, to)].some((name) => (this.#cut.get(name) ?? 0) > 0);
  }

  delayMs(): number {
    const { dice, rates } = this.#deps;
    return rates.busDelayMs > 0 ? dice.below(rates.busDelayMs) : 0;
  }

  #change(name: string, by: number): void {
    this.#cut.set(name, (this.#cut.get(name) ?? 0) + by);
  }
}

const pairOf = (one: string, other: string): string => [one, other].sort().join('|');
