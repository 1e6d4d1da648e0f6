import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcResponse } from '../rpc/rpc-types.ts';
import { allPartitions } from '../task-queues/partitions.ts';
import { statsByPriority, statsOfAll } from '../task-queues/queue-answer.ts';
import { requireVersion } from '../validation/worker-deployments.ts';

type Queue = NonNullable<RpcResponse<'DescribeWorkerDeploymentVersion'>['versionTaskQueues']>[number];

/** temporal.api.workflowservice.v1.WorkflowService/DescribeWorkerDeploymentVersion */
export const describeWorkerDeploymentVersion = (
  services: FrontendServices,
): Handler<'DescribeWorkerDeploymentVersion'> => {
  const { history, matching } = services;

  async function withStats({ name = '', type = 0 }: Queue, call: HandlerCall): Promise<Queue> {
    const partitions = allPartitions(services, { namespaceId: call.namespace.id, name, type });
    const described = await Promise.all(
      partitions.map((queue) => matching.describePartition({ queue }, call.options())),
    );
    return { name, type, stats: statsOfAll(described), statsByPriorityKey: statsByPriority(described) };
  }

  return async (asked, call) => {
    const deploymentVersion = requireVersion(asked);
    const namespace = namespaceRef(call.namespace);
    const request = { ...asked, deploymentVersion };
    const name = deploymentVersion.deploymentName;
    const answer = await history.describeDeploymentVersion({ namespace, name, request }, call.options());
    if (!request.reportTaskQueueStats) return answer;
    const queues = answer.versionTaskQueues ?? [];
    return { ...answer, versionTaskQueues: await Promise.all(queues.map((queue) => withStats(queue, call))) };
  };
};
