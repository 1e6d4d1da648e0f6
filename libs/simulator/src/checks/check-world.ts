import type { MemoryDatabase } from '@duramesh/persistence/memory';
import type { Ledger } from '../ledger.ts';
import { checkCompletions, checkEndless, checkTimers } from './check-activities.ts';
import { checkChains } from './check-chains.ts';
import { checkFamilies } from './check-families.ts';
import { checkOperations, checkPauses } from './check-operations.ts';
import { checkLeftovers, checkResets } from './check-resets.ts';
import { checkSignals } from './check-signals.ts';
import { checkStarts } from './check-starts.ts';
import type { Stored } from './check-stored.ts';
import { checkUpdates } from './check-updates.ts';

/** Everything that was promised, compared with what is stored. @returns broken promises in words */
export function checkWorld(database: MemoryDatabase, { runs, broken }: Stored, ledger: Ledger): readonly string[] {
  return [
    ...broken,
    ...checkFamilies(runs, ledger),
    ...runs.flatMap(checkTimers),
    ...runs.flatMap(checkEndless),
    ...runs.flatMap(checkPauses),
    ...checkStarts(runs, ledger),
    ...checkChains(runs, ledger),
    ...checkSignals(runs, ledger),
    ...checkResets(runs, ledger),
    ...checkLeftovers(database),
    ...checkCompletions(runs, ledger),
    ...checkUpdates(runs, ledger),
    ...checkOperations(runs, ledger),
  ];
}
