import { changeNamespace } from '../namespaces/change-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireRuleId, requireRules, ruleNotFound, ruleOf } from '../validation/workflow-rules.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DeleteWorkflowRule. What the rule has paused stays so. */
export const deleteWorkflowRule =
  (services: FrontendServices): Handler<'DeleteWorkflowRule'> =>
  async (request, call) => {
    requireRules('DeleteWorkflowRule', services.limits);
    const id = requireRuleId(request.ruleId, services.limits.idBytes);
    await changeNamespace(services, call.namespace.name, (record) => {
      const rule = ruleOf(record, id);
      if (!rule) throw ruleNotFound();
      const workflowRules = record.workflowRules.filter((other) => other !== rule);
      return { ...record, workflowRules, configVersion: record.configVersion + 1 };
    });
    return {};
  };
