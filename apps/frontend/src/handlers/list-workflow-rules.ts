import { storedNamespace } from '../namespaces/stored-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireRules } from '../validation/workflow-rules.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ListWorkflowRules: there are so few that one page holds them all. */
export const listWorkflowRules =
  (services: FrontendServices): Handler<'ListWorkflowRules'> =>
  async (_request, call) => {
    requireRules('ListWorkflowRules', services.limits);
    const { workflowRules } = await storedNamespace(services, call);
    return { rules: workflowRules };
  };
