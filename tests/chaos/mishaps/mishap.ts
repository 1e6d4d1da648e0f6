import type { Dice } from '@duramesh/runtime';
import type { Stage, StageName } from '../stages.ts';

/** Where a mishap happens. */
export interface Scene {
  readonly stage: Stage;
  readonly dice: Dice;
  /** How long an outage lasts that nothing ends by itself. */
  readonly outageMs: number;
  /** Tells what is done, for the record. */
  readonly say: (what: string) => void;
}

export interface Mishap {
  /** What happens while clients go on. */
  readonly name: string;
  /** What it needs around it. */
  readonly stage: StageName;
  /** What recovery is counted from: others take over from what is killed, nobody from what is all there is. */
  readonly recovers: 'from the strike' | 'from the end';
  /** Resolves when all is in place again. */
  strike(scene: Scene): Promise<void>;
}
