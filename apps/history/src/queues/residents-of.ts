import { archetypeOf } from '@duramesh/contracts';
import { nextWakeMs, outstandingTasks } from '@duramesh/engine';
import type { ExecutionKey } from '@duramesh/persistence';
import { must, noTracer, type SpanAttributes } from '@duramesh/runtime';
import type { ActionParts } from '../actions/action.ts';
import { carryOut } from '../actions/table.ts';
import type { EntityResidents } from '../entities/entity-owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { type Place, type QueueTask, type Resident, type Residents } from './resident.ts';

/** Entities of each kind by its name. */
export type EntityKinds = Readonly<Record<string, EntityResidents>>;

/** When a run is to be woken. */
export const wakeOf = ({ key, shard, state }: CachedRun): Omit<Resident, 'tasks'> => ({
  key,
  shard,
  wakeAtMs: nextWakeMs(state),
  isStored: !state.info.workflowTask?.speculative,
});

const residentOf = (run: CachedRun): Resident => ({ ...wakeOf(run), tasks: outstandingTasks(run.state) });

/** Runs and entities: the queues need not know which is which. */
export function residentsOf(parts: ActionParts, kinds: EntityKinds): Residents {
  const entitiesOf = ({ namespaceId }: ExecutionKey): EntityResidents | undefined => {
    const archetype = archetypeOf(namespaceId);
    return archetype === undefined ? undefined : must(kinds[archetype], `no entities are of the kind ${archetype}`);
  };
  const { owner, deps } = parts;
  const { tracer = noTracer } = deps;
  /** What set it off has ended, or is about something else: whatever happens now is a step of the run. */
  const stepOf = <T>({ key, shard }: Place, task: QueueTask, body: () => Promise<T>): Promise<T> => {
    const attributes = (): SpanAttributes => {
      const run = { temporalWorkflowId: key.workflowId, temporalRunId: key.runId, 'duramesh.shard': shard };
      return 'attempt' in task ? { ...run, 'duramesh.attempt': task.attempt } : run;
    };
    const traceparent = owner.peek(key)?.state.info.traceparent ?? '';
    return tracer.run(traceparent, { name: task.type, attributes }, body);
  };
  const doIt = async (place: Place, task: QueueTask): Promise<void> => {
    if ('name' in task) await entitiesOf(place.key)?.carryOut(place, task);
    else await carryOut(parts, place, task);
  };
  const wakeUp = async (key: ExecutionKey): Promise<void> => {
    const entities = entitiesOf(key);
    if (entities) await entities.wake(key);
    else await owner.execute(key, 'WakeUp', {});
  };
  return {
    owns: (shard) => owner.owns(shard),
    read: async (key) => (await entitiesOf(key)?.read(key)) ?? residentOf(await owner.read(key)),
    // A transition that comes of it finds its run by itself.
    wake: (key) => (tracer.isOn ? tracer.run('', { name: 'WakeUp' }, () => wakeUp(key)) : wakeUp(key)),
    carryOut: (place, task) => (tracer.isOn ? stepOf(place, task, () => doIt(place, task)) : doIt(place, task)),
  };
}
