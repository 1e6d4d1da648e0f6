import type { Limits } from '@duramesh/engine';
import type { Logger } from '@duramesh/runtime';
import type { CommitListener } from './shard/owner.ts';

/** Says once of a run that its history has become so large that it will have to end some day. @see spec-history 12 */
export function limitWarnings(logger: Logger, limits: Limits): CommitListener {
  return ({ key }, { base, diff }) => {
    const sizeBytes = diff.info.historySizeBytes;
    if (sizeBytes > limits.historyWarnSizeBytes && base.info.historySizeBytes <= limits.historyWarnSizeBytes) {
      const fields = { ...key, sizeBytes, limitBytes: limits.historySizeBytes };
      logger.warn(fields, 'The history of this run has become large: it ends when it reaches the limit.');
    }
    const count = diff.info.nextEventId - 1;
    if (count > limits.historyWarnCount && base.info.nextEventId - 1 <= limits.historyWarnCount) {
      const fields = { ...key, count, limit: limits.historyCount };
      logger.warn(fields, 'The history of this run has become long: it ends when it reaches the limit.');
    }
  };
}
