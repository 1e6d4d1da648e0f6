import type { SpanAttributes, Tracer } from '@duramesh/runtime';
import type { Owner } from '../shard/owner.ts';
import type { Place, QueueTask, Residents } from './resident.ts';

/** The same, seen in traces: what set it off has ended, or is about something else, so what happens is a step of the run. */
export function tracedResidents(
  residents: Residents,
  { owner, tracer }: { readonly owner: Owner; readonly tracer: Tracer },
): Residents {
  return {
    ...residents,
    // A transition that comes of it finds its run by itself.
    wake: (key) => tracer.run('', { name: 'WakeUp' }, () => residents.wake(key)),
    carryOut: (place, task) => {
      const traceparent = owner.peek(place.key)?.state.info.traceparent ?? '';
      const start = { name: task.type, attributes: () => attributesOf(place, task) };
      return tracer.run(traceparent, start, () => residents.carryOut(place, task));
    },
  };
}

function attributesOf({ key, shard }: Place, task: QueueTask): SpanAttributes {
  const run = { temporalWorkflowId: key.workflowId, temporalRunId: key.runId, 'duramesh.shard': shard };
  return 'attempt' in task ? { ...run, 'duramesh.attempt': task.attempt } : run;
}
