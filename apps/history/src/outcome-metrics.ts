import { RunState } from '@duramesh/proto';
import type { Metrics } from '@duramesh/runtime';
import type { CommitListener } from './shard/owner.ts';

/** temporal.api.enums.v1.WorkflowExecutionStatus of closed runs, and the names existing dashboards ask for. */
const names: readonly (readonly [status: number, name: string])[] = [
  [2, 'workflow_success'],
  [3, 'workflow_failed'],
  [4, 'workflow_cancel'],
  [5, 'workflow_terminate'],
  [6, 'workflow_continued_as_new'],
  [7, 'workflow_timeout'],
];

/** Counts transitions, and runs by how they end. */
export function outcomeMetrics(metrics: Metrics): CommitListener {
  const transitions = metrics.counter('state_transition_count', 'Transitions of runs that were stored.');
  const ends = new Map(names.map(([status, name]) => [status, metrics.counter(name, 'Runs that have ended so.')]));
  return ({ state: { info } }, { base }) => {
    const labels = { namespace: info.namespace };
    transitions.add(1, labels);
    const hasEnded = info.state === RunState.RUN_STATE_COMPLETED && base.info.state !== RunState.RUN_STATE_COMPLETED;
    if (hasEnded) ends.get(info.status)?.add(1, labels);
  };
}
