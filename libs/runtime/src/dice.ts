import { must } from './assert.ts';
import type { Random } from './random.ts';

/** Chance in the forms in which simulations and tests ask for it. */
export class Dice {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.random.next() * limit);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  happens(probability: number): boolean {
    return probability > 0 && this.random.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return must(items[this.below(items.length)], 'pick from nothing');
  }
}
