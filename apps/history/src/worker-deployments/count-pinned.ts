import { versionKey } from '@duramesh/engine';
import type { Store } from '@duramesh/persistence';
import type { ListFilter } from '@duramesh/visibility';
import type { EntityRef } from '../entities/entity-owner.ts';
import type { Deployments } from './deployments.ts';

const RUNNING = 1;

/** Open runs that are pinned to the version. */
function pinnedTo(version: string): ListFilter {
  const equals = (name: string, value: string): NonNullable<ListFilter['where']> => ({
    kind: 'compare',
    field: { kind: 'attribute', name, type: 'Keyword' },
    operator: '=',
    value,
  });
  const isRunning: NonNullable<ListFilter['where']> = {
    kind: 'compare',
    field: { kind: 'system', name: 'ExecutionStatus', type: 'Keyword' },
    operator: '=',
    value: RUNNING,
  };
  const terms = [
    equals('TemporalWorkerDeploymentVersion', version),
    equals('TemporalWorkflowVersioningBehavior', 'Pinned'),
    isRunning,
  ];
  return { where: { kind: 'and', terms }, groupBy: undefined };
}

/** Finds out whether a version has workflows left that no other version can go on with. @see spec-matching 9.3.4 */
export async function countPinned(
  { owner, visibility }: Pick<Deployments, 'owner'> & Pick<Store, 'visibility'>,
  ref: EntityRef,
  buildId: string,
): Promise<void> {
  const { count } = await visibility.count(ref.namespaceId, pinnedTo(versionKey({ deploymentName: ref.id, buildId })));
  await owner.execute(ref, 'RecordDrainage', { buildId, open: count });
}
