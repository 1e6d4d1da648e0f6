import { root } from '@duramesh/proto';

export interface ServiceRpcs {
  /** Without its package, e.g. `WorkflowService`. */
  readonly service: string;
  /** Sorted by name. */
  readonly rpcs: readonly string[];
}

const services = ['temporal.api.workflowservice.v1.WorkflowService', 'temporal.api.operatorservice.v1.OperatorService'];

/** Every RPC of the public API, as the pinned `@temporalio/proto` has it. */
export function publicRpcs(): readonly ServiceRpcs[] {
  return services.map((name) => {
    const service = root.lookupService(name);
    return { service: service.name, rpcs: service.methodsArray.map((method) => method.name).sort() };
  });
}

/** `SignalWorkflowExecution` → `signal-workflow-execution` */
export function kebabCase(rpc: string): string {
  return rpc.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

/** Where the frontend handles an RPC, relative to the root. */
export function handlerFile(rpc: string): string {
  return `apps/frontend/src/handlers/${kebabCase(rpc)}.ts`;
}
