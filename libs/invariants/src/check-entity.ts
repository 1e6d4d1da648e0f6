import { workerDeployments } from '@duramesh/engine';
import type { RunRecord, StoredRun, VisibilityRow } from '@duramesh/persistence';
import { type Broken, guarded } from './broken.ts';

/** What is asked of entities of each kind by its name. */
const kinds = { [workerDeployments.name]: workerDeployments };

/** What holds of a stored entity that is no run: S1 and S4 to S6. */
export function checkEntity(
  { stored, record }: { readonly stored: StoredRun; readonly record: RunRecord },
  archetype: string,
  shown: readonly VisibilityRow[],
): readonly Broken[] {
  const kind = kinds[archetype];
  if (!kind) return [{ claim: 'S1', text: `nothing is known of the kind ${archetype}` }];
  return guarded('S1', () => {
    const state = kind.decode(stored.info, stored.items);
    const broken: Broken[] = [];
    const [task] = kind.outstanding(state);
    if (task && !record.outstanding) {
      broken.push({ claim: 'S4', text: `it waits for ${task.name}, and a new owner of its shard would not find it` });
    }
    const dueMs = kind.nextWakeMs(state);
    if (dueMs > 0 && (record.wakeAtMs === 0 || record.wakeAtMs > dueMs)) {
      broken.push({ claim: 'S5', text: `something of it is due at ${dueMs} ms, and it would be looked at later` });
    }
    if (shown.length !== 1) broken.push({ claim: 'S6', text: `lists show it ${shown.length} times` });
    return broken;
  });
}
