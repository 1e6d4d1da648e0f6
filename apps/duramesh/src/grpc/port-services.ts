import type { ServiceName } from '@duramesh/config';
import type { Clock } from '@duramesh/runtime';
import { OPERATOR_SERVICE } from '../operator/service-name.ts';
import type { Readiness } from '../readiness.ts';
import type { GrpcService } from './grpc-service.ts';
import { HEALTH_SERVICE, HealthService } from './health-service.ts';
import { reflectionService } from './reflection-service.ts';

/** What the gRPC port of each service has. */
export interface PortServices {
  readonly services: readonly GrpcService[];
  /** Says that the service is going. */
  readonly drain: () => Promise<void>;
}

/** Names under which health is asked for; tools of the reference ask after its admin service on the port of the frontend. */
const healthNames: Readonly<Record<ServiceName, readonly string[]>> = {
  frontend: [
    'frontend',
    'temporal.api.workflowservice.v1.WorkflowService',
    'temporal.api.operatorservice.v1.OperatorService',
    'temporal.api.adminservice.v1.AdminService',
  ],
  history: ['history'],
  matching: ['matching'],
  worker: ['worker'],
};

/** Health, the view of operators, and reflection of both. */
export function portServices(
  name: ServiceName,
  { operator, readiness, clock }: { operator: GrpcService; readiness: Readiness; clock: Clock },
): PortServices {
  const services = [...healthNames[name], OPERATOR_SERVICE];
  const health = new HealthService({ services, isReady: () => readiness.isReady(name), clock });
  return {
    services: [health.grpcService, operator, reflectionService([HEALTH_SERVICE, OPERATOR_SERVICE])],
    drain: () => health.drain(),
  };
}
