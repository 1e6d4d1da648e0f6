/** What a caller asked of the store, for a fault policy to choose by. */
export type StoreRead =
  | 'readCurrentRunId'
  | 'readRun'
  | 'readHistory'
  | 'readOutstanding'
  | 'readDue'
  | 'list'
  | 'count'
  | 'listClosedBefore'
  | 'readBacklog'
  | 'countBacklog'
  | 'readLastPass'
  | 'readQueueConfig'
  | 'listNamespaces'
  | 'readNamespace'
  | 'readRangeIds'
  | 'readMembers'
  | 'readCluster'
  | 'readHolders'
  | 'inspect';

export type StoreWrite =
  | 'commit'
  | 'stageHistory'
  | 'deleteRun'
  | 'append'
  | 'remove'
  | 'writeQueueConfig'
  | 'heartbeat'
  | 'leave'
  | 'acquire'
  | 'createNamespace'
  | 'updateNamespace'
  | 'deleteNamespace'
  | 'readOrCreateCluster'
  | 'reshard';

/** Its caller hears the result, or the reply is lost and the write lands at once (0), later, or never (undefined). */
export type WriteFate = 'answered' | { readonly landsAfterMs: number | undefined };

/** What goes wrong in a store held in memory, chosen per operation. */
export interface MemoryStoreFaults {
  /** How long the operation is on its way to the store; a stall is a long one. */
  latencyMs(operation: StoreRead | StoreWrite): number;
  /** How long its answer is on its way back. */
  answerLatencyMs(operation: StoreRead | StoreWrite): number;
  fate(operation: StoreWrite): WriteFate;
  /** While true, reads are refused and writes have no known outcome. */
  isDown(): boolean;
}

export const noFaults: MemoryStoreFaults = {
  latencyMs: () => 0,
  answerLatencyMs: () => 0,
  fate: () => 'answered',
  isDown: () => false,
};
