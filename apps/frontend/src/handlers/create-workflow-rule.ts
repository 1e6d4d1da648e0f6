import { invalidArgument } from '@duramesh/contracts';
import { type NamespaceRecord, publicCodec } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import { changeNamespace } from '../namespaces/change-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { durationOfMs, timestampMs } from '../validation/durations.ts';
import { requireRuleId, requireRules, ruleOf, type WorkflowRule } from '../validation/workflow-rules.ts';

const ruleCodec = publicCodec<WorkflowRule>('temporal.api.rules.v1.WorkflowRule');

const expiresMs = ({ spec }: WorkflowRule): number =>
  spec?.expirationTime ? timestampMs(spec.expirationTime) : Number.POSITIVE_INFINITY;

/** Room for one more, if need be in the place of the rule that expired first. */
function withRoom(
  { workflowRules }: NamespaceRecord,
  { nowMs, maximum }: { readonly nowMs: number; readonly maximum: number },
): readonly WorkflowRule[] {
  if (workflowRules.length < maximum) return workflowRules;
  const [oldest] = workflowRules.filter((rule) => expiresMs(rule) < nowMs).sort((a, b) => expiresMs(a) - expiresMs(b));
  const left = workflowRules.filter((rule) => rule !== oldest);
  if (left.length >= maximum) throw invalidArgument(`Workflow Rule limit exceeded. Max: ${maximum}`);
  return left;
}

function withRule(
  record: NamespaceRecord,
  rule: WorkflowRule,
  on: { readonly nowMs: number; readonly maximum: number },
): NamespaceRecord {
  const left = withRoom(record, on);
  if (ruleOf(record, rule.spec?.id ?? '')) throw invalidArgument('Workflow Rule with this ID already exists.');
  return { ...record, workflowRules: [...left, rule], configVersion: record.configVersion + 1 };
}

function requireSize(rule: WorkflowRule, { ruleBytes }: FrontendLimits): void {
  const size = ruleCodec.encode(rule).length;
  if (size > ruleBytes) throw invalidArgument(`Workflow Rule exceeds allowed size of ${ruleBytes}, got ${size}`);
}

/**
 * temporal.api.workflowservice.v1.WorkflowService/CreateWorkflowRule. Whether its predicate can be read is not looked at,
 * and no running workflow is scanned for it, as by the reference.
 */
export const createWorkflowRule =
  (services: FrontendServices): Handler<'CreateWorkflowRule'> =>
  async ({ spec, identity, description }, call) => {
    const { limits, clock } = services;
    requireRules('CreateWorkflowRule', limits);
    if (!spec) throw invalidArgument('Rule Specification is not set.');
    requireRuleId(spec.id, limits.idBytes);
    const nowMs = clock.now();
    const rule = { spec, createTime: durationOfMs(nowMs), createdByIdentity: identity, description };
    requireSize(rule, limits);
    const on = { nowMs, maximum: limits.rulesPerNamespace };
    await changeNamespace(services, call.namespace.name, (record) => withRule(record, rule, on));
    return { rule };
  };
