import { partitionOf, workflowKey } from '@duramesh/contracts';
import type { RunRecord } from '@duramesh/persistence';
import type { Broken } from './broken.ts';

/** S10: callers ask the owner of the shard that a workflow id hashes to. */
export function checkShard({ key, partition }: RunRecord, shards: number | undefined): readonly Broken[] {
  if (shards === undefined) return [];
  const shard = partitionOf(workflowKey(key.namespaceId, key.workflowId), shards);
  if (shard === partition) return [];
  return [{ claim: 'S10', text: `it is in shard ${partition}, and is looked for in shard ${shard} of ${shards}` }];
}
