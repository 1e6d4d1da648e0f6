import { archetypeOf } from '@duramesh/contracts';
import { nextWakeMs, outstandingTasks } from '@duramesh/engine';
import type { ExecutionKey } from '@duramesh/persistence';
import { must } from '@duramesh/runtime';
import type { ActionParts } from '../actions/action.ts';
import { carryOut } from '../actions/table.ts';
import type { EntityResidents } from '../entities/entity-owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import type { Resident, Residents } from './resident.ts';
import { tracedResidents } from './traced-residents.ts';

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
  const residents: Residents = {
    owns: (shard) => owner.owns(shard),
    read: async (key) => (await entitiesOf(key)?.read(key)) ?? residentOf(await owner.read(key)),
    wake: async (key) => {
      const entities = entitiesOf(key);
      if (entities) await entities.wake(key);
      else await owner.execute(key, 'WakeUp', {});
    },
    carryOut: async (place, task) => {
      if ('name' in task) await entitiesOf(place.key)?.carryOut(place, task);
      else await carryOut(parts, place, task);
    },
  };
  return deps.tracer?.isOn ? tracedResidents(residents, { owner, tracer: deps.tracer }) : residents;
}
