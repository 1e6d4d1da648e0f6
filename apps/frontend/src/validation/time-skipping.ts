import { invalidArgument } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';

type Config = Plain<temporal.api.common.v1.ITimeSkippingConfig>;
type Duration = Plain<temporal.api.common.v1.IFastForwardConfig>['duration'];

const isPositive = (duration: Duration): boolean => {
  const { seconds = 0, nanos = 0 } = duration ?? {};
  return seconds > 0 || (seconds === 0 && nanos > 0);
};

/** The id by which a fast forward is waited for. */
export function requireFastForwardId(id: string | undefined): string {
  if (!id?.trim()) throw invalidArgument('Time skipping config invalid: fast_forward_id must be set');
  return id;
}

/** The configuration with its default filled in. */
export function requireTimeSkipping(config: Config | undefined, skipsPerSession: number): Config | undefined {
  if (!config) return undefined;
  const { fastForwardConfig: forward, maxSessionSkipCount = 0 } = config;
  if (forward) {
    if (!isPositive(forward.duration)) {
      throw invalidArgument('Time skipping config invalid: fast_forward duration must be positive');
    }
    requireFastForwardId(forward.id);
    if (!config.enabled) throw invalidArgument('time_skipping_config: cannot set fast_forward when enabled is false');
  }
  return maxSessionSkipCount > 0 ? config : { ...config, maxSessionSkipCount: Math.max(1, skipsPerSession) };
}
