import type { SpanAttributes, Tracer } from '@duramesh/runtime';
import type { RunPlan, WritePlan } from './owner.ts';

export interface Decided {
  /** What was asked for. */
  readonly name: string;
  readonly plan: WritePlan<unknown>;
  readonly shard: number;
  /** When the decision began. */
  readonly startMs: number;
}

const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

const eventsOf = ({ change }: RunPlan): number =>
  change.batches.reduce((count, { firstEventId, lastEventId }) => count + lastEventId - firstEventId + 1, 0);

function attributesOf({ plan: { changes }, shard }: Decided): SpanAttributes {
  const info = changes.at(-1)?.change.diff.info;
  return {
    temporalNamespace: info?.namespace ?? '',
    temporalWorkflowId: info?.workflowId ?? '',
    temporalRunId: info?.runId ?? '',
    temporalWorkflowType: info?.workflowType ?? '',
    temporalTaskQueue: info?.taskQueue ?? '',
    'duramesh.shard': shard,
    'duramesh.attempt': info?.attempt ?? 0,
    'duramesh.events': changes.reduce((count, change) => count + eventsOf(change), 0),
  };
}

/**
 * What is decided and written, as a step of the request that asks for it; of the run, where time or a request that is not
 * recorded has set it off. A request of another trace and the run know each other by a link.
 */
export function transitionSpan<T>(tracer: Tracer, decided: Decided, body: () => Promise<T>): Promise<T> {
  const ofRun = decided.plan.changes[0]?.change.diff.info.traceparent ?? '';
  const request = tracer.active()?.traceparent;
  const isElsewhere = request !== undefined && ofRun !== '' && traceIdOf(request) !== traceIdOf(ofRun);
  const start = {
    name: `transition ${decided.name}`,
    startMs: decided.startMs,
    attributes: () => attributesOf(decided),
    links: isElsewhere ? [ofRun] : [],
  };
  return tracer.run(request ?? ofRun, start, body);
}
