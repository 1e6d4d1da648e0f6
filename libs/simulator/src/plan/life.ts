import type { ActName } from '../client/acts/table.ts';
import type { Dice } from '@duramesh/runtime';
import type { WorkflowPlan } from './workflow-plan.ts';

/** What is done to a workflow after it was started, beside its signals and updates. */
export interface Life {
  readonly acts: readonly { readonly name: ActName; readonly afterMs: number }[];
  /** It is started together with its first signal. */
  readonly startsWithSignal: boolean;
  /** Whoever signals it asks it at once whether it knows. */
  readonly asksBack: boolean;
}

const QUIET = { startsWithSignal: false, asksBack: false } as const;

/** One that was canceled is not reset: it could wait for a signal that found it closed. */
export function drawLife(dice: Dice): Life {
  const one = (name: ActName, limitMs: number): Life => ({
    acts: [{ name, afterMs: dice.below(limitMs) }],
    ...QUIET,
  });
  if (dice.happens(0.15)) return one('cancel', 20_000);
  return dice.happens(0.25) ? one('reset', 40_000) : { acts: [], ...QUIET };
}

export const isReset = ({ acts }: Life): boolean => acts.some(({ name }) => name === 'reset');

/** By their weights. */
const OPERATIONS: readonly ActName[] = [
  'pauseWorkflow',
  'pauseActivity',
  'pauseActivity',
  'updateActivityOptions',
  'updateActivityOptions',
  'updateWorkflowOptions',
  'query',
  'query',
  'look',
  'look',
  'endChild',
];

/** The same with what operators do, and what people ask. */
export function withOperations(life: Life, dice: Dice, plan: WorkflowPlan): Life {
  const isCron = plan.more?.isCron ?? false;
  // A reset of what was ended would begin the schedule anew.
  const acts = life.acts.filter(({ name }) => !isCron || name !== 'reset');
  if (isCron) acts.push({ name: 'terminateChain', afterMs: dice.between(15_000, 40_000) });
  else if (acts.length === 0 && dice.happens(0.2)) {
    acts.push({ name: dice.pick(['terminate', 'deleteRun']), afterMs: dice.below(40_000) });
  }
  // What ends before it is reset has its children ended, too, before another run goes on with them.
  if (isReset(life) && plan.children.length > 0 && dice.happens(0.4)) {
    acts.push({ name: 'terminate', afterMs: dice.below(15_000) });
  }
  if (plan.skipsTime && dice.happens(0.3)) acts.push({ name: 'fastForward', afterMs: dice.below(10_000) });
  const operations = new Set(Array.from({ length: dice.below(4) }, () => dice.pick(OPERATIONS)));
  // A reset goes back to a pause, but not on to its end.
  if (isReset(life)) operations.delete('pauseWorkflow');
  // Activities are soon over.
  for (const name of operations) acts.push({ name, afterMs: dice.below(name.includes('Activity') ? 8_000 : 25_000) });
  const startsWithSignal = !plan.startsWithUpdate && plan.signals > 0 && dice.happens(0.2);
  return { acts, startsWithSignal, asksBack: dice.happens(0.2) };
}
