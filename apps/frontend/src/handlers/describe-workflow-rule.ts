import { storedNamespace } from '../namespaces/stored-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireRuleId, requireRules, ruleNotFound, ruleOf } from '../validation/workflow-rules.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DescribeWorkflowRule */
export const describeWorkflowRule =
  (services: FrontendServices): Handler<'DescribeWorkflowRule'> =>
  async (request, call) => {
    requireRules('DescribeWorkflowRule', services.limits);
    const id = requireRuleId(request.ruleId, services.limits.idBytes);
    const rule = ruleOf(await storedNamespace(services, call), id);
    if (!rule) throw ruleNotFound();
    return { rule };
  };
