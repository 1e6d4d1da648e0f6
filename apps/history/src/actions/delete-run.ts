import type { Action } from './action.ts';

/** Removes the run with its history. */
export const deleteRun: Action<'DeleteRun'> = ({ owner }, run) => owner.remove(run);
