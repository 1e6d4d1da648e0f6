import type { Lab } from '../support/lab.ts';

/** Registers tests of a subject; the lab is open when they run. */
export type LabTests = (lab: () => Lab) => void;

/** Generous: what is slow on a busy machine is no failure, what hangs is. */
export const RESULT_WITHIN_MS = 30_000;
