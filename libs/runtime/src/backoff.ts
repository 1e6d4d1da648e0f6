import type { Random } from './random.ts';

export interface BackoffPolicy {
  readonly initialMs: number;
  readonly coefficient: number;
  readonly maximumMs: number;
}

/** The pause before try `attempt` + 1, with jitter in [50 %, 100 %] so that many callers do not return at once. */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: Random): number {
  const full = Math.min(policy.initialMs * policy.coefficient ** (attempt - 1), policy.maximumMs);
  return full * (0.5 + random.next() / 2);
}
