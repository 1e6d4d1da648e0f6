import { type ActivityTarget, fromDuration } from '@duramesh/engine';

interface Target {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
}

/** Which activities a request means, `all` of them when it names none. */
export function activityTarget({ id, type }: Target): ActivityTarget {
  if (id) return { by: 'id', activityId: id };
  return type ? { by: 'type', activityType: type } : { by: 'all' };
}

/** A jitter below zero is none. */
export const jitterMsOf = (jitter: Parameters<typeof fromDuration>[0]): number => Math.max(0, fromDuration(jitter));
