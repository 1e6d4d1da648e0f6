import type { ExecutionInfo } from '@duramesh/proto';

type Records = ExecutionInfo['resets'];

/** As many resets of one run and its descendants are known, so that a request that is repeated late is still met. */
const REMEMBERED = 25;

export const withReset = (records: Records, record: Records[number]): Records =>
  [...records, record].slice(-REMEMBERED);

/** The run that a reset has made when it was first asked for. */
export const runOfReset = ({ resets }: ExecutionInfo, requestId: string): string | undefined =>
  resets.find((record) => record.requestId === requestId)?.runId;
