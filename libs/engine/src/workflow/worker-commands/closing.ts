import type { Draft } from '../draft.ts';

/**
 * Events wait that the worker had not seen when it decided to close the run. Those that its own commands have put in
 * the buffer do not count, nor those they have taken out of it. @see spec-history 3
 */
export function closesPastEvents(draft: Draft): boolean {
  for (const key of draft.base.buffered.keys()) if (draft.buffered.has(key)) return true;
  return false;
}
