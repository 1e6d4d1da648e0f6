import { invalidArgument, unimplemented } from '@duramesh/contracts';
import type { NamespaceRecord, Plain, temporal } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import { exceedsBytes } from './ids.ts';

export type WorkflowRule = Plain<temporal.api.rules.v1.IWorkflowRule>;

export const ruleNotFound = () => invalidArgument('Workflow Rule with this ID not Found.');

/** Where rules are switched off their calls do not exist. */
export function requireRules(name: string, { workflowRules }: FrontendLimits): void {
  if (!workflowRules) throw unimplemented(`method ${name} not supported`);
}

export function requireRuleId(id: string | undefined, idBytes: number): string {
  if (!id) throw invalidArgument('Workflow Rule ID is not set.');
  if (exceedsBytes(id, idBytes)) throw invalidArgument('Workflow Rule Id length exceeds limit.');
  return id;
}

export const ruleOf = ({ workflowRules }: NamespaceRecord, id: string): WorkflowRule | undefined =>
  workflowRules.find(({ spec }) => spec?.id === id);
