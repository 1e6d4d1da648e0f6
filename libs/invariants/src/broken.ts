import type { ExecutionKey } from '@duramesh/persistence';

/**
 * What must hold of everything a store keeps, whoever wrote it and when. What must hold within a run (R1 and on) is in the
 * engine's SPEC.md.
 * - S1 what is stored of a run can be read;
 * - S2 the batches of a history follow each other from event 1 on, and hold the events they say they do;
 * - S3 the state of a run is what its history says;
 * - S4 a run that waits for work is marked so that the next owner of its shard finds it;
 * - S5 a run is looked at again no later than something of it is due;
 * - S6 lists show a run once, as it is;
 * - S7 filters find a run by each of its search attributes;
 * - S8 the current run of a workflow is there and is the last of its chain, and an open run is the current one;
 * - S9 no row is without its run;
 * - S10 a run is in the shard that its workflow id belongs to.
 */
export type Claim = 'R' | 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S7' | 'S8' | 'S9' | 'S10';

/** A claim that does not hold, in words. */
export interface Broken {
  readonly claim: Claim;
  readonly text: string;
}

/** Something broken, and where; what belongs to no run has an empty key. */
export interface Finding extends Broken {
  readonly key: ExecutionKey;
}

/** Checking must get over anything that is stored: what breaks a check is a finding. */
export function guarded(claim: Claim, check: () => readonly Broken[]): readonly Broken[] {
  try {
    return check();
  } catch (error) {
    return [{ claim, text: `it cannot be gone through: ${messageOf(error)}` }];
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
