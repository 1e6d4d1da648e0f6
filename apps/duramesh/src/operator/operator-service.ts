import { createClient, serve } from '@duramesh/bus';
import {
  historyContract,
  matchingContract,
  operatorContract,
  partitionOf,
  PROCESS_PARTITIONS,
} from '@duramesh/contracts';
import {
  ClusterView,
  DescribeClusterRequest,
  DescribeProcessRequest,
  Explanation,
  ExplainWorkflowRequest,
  ProcessView,
} from '@duramesh/proto';
import { type GrpcService, unary, unaryService } from '../grpc/grpc-service.ts';
import type { World } from '../services.ts';
import { clusterView } from './cluster-view.ts';
import { type ExplainParts, explainWorkflow } from './explain-workflow.ts';
import { type ProcessParts, processView } from './process-view.ts';
import { OPERATOR_SERVICE } from './service-name.ts';

/** What operators are told by this process, on its ports and over the bus. */
export interface OperatorApi {
  readonly grpcService: GrpcService;
  /** Answers other processes that ask for operators, until it is told to end. */
  serve(): () => Promise<void>;
}

export function createOperatorApi(world: World, self: Omit<ProcessParts, 'store' | 'bus'>): OperatorApi {
  const { bus, facts, logger } = world;
  const { memberId } = self;
  const client = { ...world, caller: memberId };
  const describeSelf = (request: DescribeProcessRequest): Promise<ProcessView> =>
    processView({ ...self, ...world }, request);
  const parts: ExplainParts = {
    ...world,
    memberId,
    describeSelf,
    members: createClient(bus, operatorContract, { ...client, partitions: PROCESS_PARTITIONS }),
    history: createClient(bus, historyContract, { ...client, partitions: facts.historyShards }),
    matching: createClient(bus, matchingContract, { ...client, partitions: facts.matchingSlots }),
  };
  const describeProcess = (request: DescribeProcessRequest): Promise<ProcessView> => {
    const isSelf = request.memberId === '' || request.memberId === memberId;
    return isSelf ? describeSelf(request) : parts.members.describeProcess(request);
  };
  return {
    grpcService: unaryService(OPERATOR_SERVICE, {
      DescribeProcess: unary({ request: DescribeProcessRequest, response: ProcessView }, describeProcess),
      DescribeCluster: unary({ request: DescribeClusterRequest, response: ClusterView }, (request) =>
        clusterView(parts, request),
      ),
      ExplainWorkflow: unary({ request: ExplainWorkflowRequest, response: Explanation }, (request) =>
        explainWorkflow(parts, request),
      ),
    }),
    serve() {
      const partition = partitionOf(memberId, PROCESS_PARTITIONS);
      const subscription = serve(bus, operatorContract, {
        partition,
        handlers: { describeProcess: describeSelf },
        logger,
      });
      return () => subscription.close();
    },
  };
}
