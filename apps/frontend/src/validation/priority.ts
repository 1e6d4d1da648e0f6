import { invalidArgument } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';
import { exceedsBytes } from './ids.ts';

export function requirePriority(
  priority: Plain<temporal.api.common.v1.IPriority> | undefined,
  fairnessKeyBytes: number,
): void {
  if (!priority) return;
  if ((priority.priorityKey ?? 0) < 0) throw invalidArgument("priority key can't be negative");
  if (exceedsBytes(priority.fairnessKey ?? '', fairnessKeyBytes)) {
    throw invalidArgument('fairness key length exceeds limit');
  }
  if ((priority.fairnessWeight ?? 0) < 0) throw invalidArgument('must be greater than zero');
}
