import type { Draft } from './draft.ts';

/** A parent usually answers in milliseconds; one that is closed or gone never does. */
const PATIENCE_MS = 30_000;

/** A child that was begun waits for its parent to record so. @see spec-history 6.5 */
export function awaitParent(draft: Draft): void {
  draft.info.awaitedParent = { askMs: draft.now + PATIENCE_MS, taskWanted: false };
}

/**
 * Asks what has become of the start when nothing was heard for long: a parent may have closed just as the child was
 * begun, and nobody else would ever end it. True when it is asked.
 */
export function askParentIfDue(draft: Draft): boolean {
  const { awaitedParent } = draft.info;
  if (!awaitedParent || awaitedParent.askMs > draft.now) return false;
  draft.info.awaitedParent = { ...awaitedParent, askMs: draft.now + PATIENCE_MS };
  draft.tasks.push({ type: 'AskParent' });
  return true;
}
