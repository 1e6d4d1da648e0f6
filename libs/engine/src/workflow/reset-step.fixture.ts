import { assert } from '@duramesh/runtime';
import type { Environment } from './environment.ts';
import type { HistoryEvent } from './events.ts';
import { isReapplied } from './reapply.ts';
import { rebuild } from './rebuild.ts';
import { resetRun } from './reset.ts';
import type { ExecutionState } from './state.ts';
import type { RunChange } from './transition.ts';

/** A run to be reset, as the laws see it. */
export interface Resettable {
  readonly state: ExecutionState;
  readonly events: readonly HistoryEvent[];
  readonly ends: readonly number[];
}

/** One of the points at which the run can be reset, and what a reset there makes of it; undefined when there is none. */
export function resetAt(
  { state, events, ends }: Resettable,
  which: number,
  environment: Environment,
): { readonly point: number; readonly change: RunChange } | undefined {
  const ids = { namespaceId: 'ns', workflowId: 'wf', runId: environment.newRunId };
  const points = ends.filter((end) => rebuild(ids, events.slice(0, end)).info.workflowTask && end < events.length);
  const point = points[which % points.length];
  if (point === undefined) return undefined;
  const outcome = resetRun(
    rebuild(ids, events.slice(0, point)),
    {
      base: state.info,
      requestId: `reset-${environment.newRunId}`,
      reason: 'r',
      copiedSizeBytes: 100,
      reapplied: events.slice(point).filter((event) => isReapplied(event, { excluded: new Set(), isOfBase: true })),
      operations: [{ options: { priority: { priorityKey: 2 } }, paths: ['priority'] }],
    },
    environment,
  );
  assert(outcome.kind === 'reset', 'a point before which a workflow task waits is one to reset to');
  return { point, change: outcome.change };
}
