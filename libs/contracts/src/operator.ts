import { DescribeProcessRequest, ProcessView } from '@duramesh/proto';
import type { Method } from './contract.ts';

/** Processes are addressed by their name alone: whatever it can hash to is a partition. */
export const PROCESS_PARTITIONS = 2 ** 32;

/** Short, since whoever asks wants to know of those that do not answer, too. */
const describeProcess: Method<DescribeProcessRequest, ProcessView> = {
  request: DescribeProcessRequest,
  response: ProcessView,
  key: ({ memberId }) => memberId,
  timeoutMs: 2_000,
  retry: 'safe',
};

/** What processes tell each other for operators. Each answers what is addressed to its own name. */
export const operatorContract = { service: 'operator', version: 1, methods: { describeProcess } } as const;
export type OperatorContract = typeof operatorContract;
