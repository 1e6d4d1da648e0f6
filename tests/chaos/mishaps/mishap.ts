import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from '@duramesh/runtime';
import type { Cluster } from '../../support/cluster.ts';

/** Where a mishap happens. */
export interface Scene {
  readonly cluster: Cluster;
  readonly dice: Dice;
  /** Tells what is done, for the record and for whoever watches. */
  say(what: string): void;
  /** How long an outage lasts that is not ended by what it breaks. */
  readonly outageMs: number;
}

export interface Mishap {
  /** In words that finish the sentence `under load …`. */
  readonly name: string;
  /** What recovery is counted from: others take over from what is killed, nobody from what is all there is. */
  readonly recovers: 'from the strike' | 'from the end';
  /** Resolves when all is in place again. */
  strike(scene: Scene): Promise<void>;
}

export const last = (ms: number): Promise<void> => pause(ms);
