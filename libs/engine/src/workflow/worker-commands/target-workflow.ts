import { isUuid } from '@duramesh/runtime';
import type { Draft } from '../draft.ts';
import { byteLength } from '../text.ts';

/** Another workflow as a command names it, and how the command is spoken of in texts. */
export interface Target {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly command: string;
}

/** The frontend has made sure that there is such a namespace. */
export function namespaceProblem({ info }: Draft, namespace: string): string | undefined {
  const isOwn = namespace === '' || namespace === info.namespace;
  return isOwn ? undefined : 'cross namespace commands are not allowed';
}

/** @param named what a text about the whole target ends with */
export function targetProblem(
  draft: Draft,
  { namespace, workflowId, runId, command }: Target,
  named: { readonly withoutId: string; readonly withId: string },
): string | undefined {
  const foreign = namespaceProblem(draft, namespace);
  if (foreign) return foreign;
  if (workflowId === '') return `WorkflowId is not set on ${command}. ${named.withoutId}`;
  const { idLength } = draft.environment.limits;
  const length = byteLength(workflowId);
  if (length > idLength) {
    const lengths = `WorkflowId=${workflowId} Length=${length} Limit=${idLength}`;
    return `WorkflowId on ${command} exceeds length limit. ${lengths} ${named.withoutId}`;
  }
  return runId === '' || isUuid(runId) ? undefined : `Invalid RunId set on ${command}. ${named.withId}`;
}
