import type { Priority } from './tasks.ts';
import { byteLength } from './text.ts';

const FAIRNESS_KEY_BYTES = 64;

/** What is wrong with a priority, if anything. */
export function priorityProblem(priority: Priority | undefined): string | undefined {
  if (!priority) return undefined;
  if ((priority.priorityKey ?? 0) < 0) return "priority key can't be negative";
  if (byteLength(priority.fairnessKey ?? '') > FAIRNESS_KEY_BYTES) return 'fairness key length exceeds limit';
  if ((priority.fairnessWeight ?? 0) < 0) return 'must be greater than zero';
  return undefined;
}

/** Field by field, what the activity says wins over what its workflow says. */
export function mergePriority(base: Priority | undefined, own: Priority | undefined): Priority | undefined {
  if (!base) return own;
  if (!own) return base;
  return {
    priorityKey: own.priorityKey || base.priorityKey,
    fairnessKey: own.fairnessKey || base.fairnessKey,
    fairnessWeight: own.fairnessWeight || base.fairnessWeight,
  };
}
