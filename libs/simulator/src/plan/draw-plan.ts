import type { Dice } from '@duramesh/runtime';
import type { MorePlan, WorkflowPlan } from './workflow-plan.ts';

/** Nobody sends it updates. */
const LEFT_ALONE = { updates: 0, startsWithUpdate: false } as const;
const ALONE = {
  children: [],
  awaitsChildren: false,
  closePolicy: 0,
  signalsTo: undefined,
  cancels: undefined,
} as const;
const POLICY = { terminate: 1, abandon: 2, requestCancel: 3 } as const;
/** Children of children of children are not there. */
const DEPTH = 2;

/** What one simulated workflow is to do, on its own. */
export function drawPlan(dice: Dice, taskQueue: string): WorkflowPlan {
  return {
    activities: dice.below(4),
    timersMs: Array.from({ length: dice.below(3) }, () => dice.below(15_000)),
    signals: dice.below(3),
    generations: dice.happens(0.3) ? 1 : 0,
    taskQueue,
    skipsTime: dice.happens(0.2),
    ...LEFT_ALONE,
    ...ALONE,
  };
}

/** The same with what not all workflows do. */
export function withMore(plan: WorkflowPlan, dice: Dice): WorkflowPlan {
  const isCron = dice.happens(0.06);
  if (isCron) return { ...cronPlan(plan), more: { ...drawMore(dice), isCron, failures: 0, runTimeoutMs: 0 } };
  const more = drawMore(dice);
  const failures = plan.generations === 0 && dice.happens(0.15) ? dice.between(1, 3) : 0;
  const children = plan.children.map((child) => (dice.happens(0.4) ? withMoreOfChild(child, dice) : child));
  return { ...plan, children, more: { ...more, failures } };
}

/** A run of it is short, and like the one before: nobody waits for what came once. */
const cronPlan = (plan: WorkflowPlan): WorkflowPlan => ({
  ...plan,
  activities: Math.min(plan.activities, 1),
  timersMs: [],
  signals: 0,
  generations: 0,
  skipsTime: false,
  children: [],
});

function withMoreOfChild(child: WorkflowPlan, dice: Dice): WorkflowPlan {
  const failures = child.generations === 0 && dice.happens(0.4) ? dice.between(1, 3) : 0;
  return { ...child, more: { ...drawMore(dice), failures } };
}

function drawMore(dice: Dice): MorePlan {
  return {
    tells: dice.happens(0.4),
    droppedTimers: dice.happens(0.3) ? 1 : 0,
    droppedActivities: dice.happens(0.3) ? 1 : 0,
    brittle: dice.happens(0.3) ? 1 : 0,
    failures: 0,
    isCron: false,
    runTimeoutMs: dice.happens(0.06) ? dice.between(4_000, 25_000) : 0,
  };
}

/** The same with updates that it is sent. */
export function withUpdates(plan: WorkflowPlan, dice: Dice): WorkflowPlan {
  const updates = dice.below(4);
  const isOnce = plan.generations === 0 && !plan.more?.isCron;
  const startsWithUpdate = updates > 0 && isOnce && dice.happens(0.4);
  return { ...plan, updates, startsWithUpdate };
}

/** The same with children of its own, and with others that it meddles with. */
export function withOthers(
  plan: WorkflowPlan,
  dice: Dice,
  { others, isReset }: { readonly others: readonly string[]; readonly isReset: boolean },
): WorkflowPlan {
  const family = drawFamily(dice, plan.taskQueue, 1);
  return {
    ...plan,
    ...(isReset ? unsignaled(family) : family),
    signalsTo: dice.happens(0.2) ? dice.pick(others) : undefined,
    cancels: dice.happens(0.03) ? dice.pick(others) : undefined,
  };
}

/** A reset leaves children behind that nobody signals any more. */
const unsignaled = (family: Family): Family => ({
  ...family,
  children: family.children.map((child) => ({ ...child, signals: 0 })),
});

type Family = Pick<WorkflowPlan, 'children' | 'awaitsChildren' | 'closePolicy'>;

function drawFamily(dice: Dice, taskQueue: string, depth: number): Family {
  const hasChildren = depth <= DEPTH && dice.happens(depth === 1 ? 0.7 : 0.2);
  const awaitsChildren = dice.happens(0.6);
  const closePolicy = dice.pick(Object.values(POLICY));
  // Whoever may be left alone must not wait for its parent.
  const signals = awaitsChildren && closePolicy !== POLICY.abandon ? 1 : 0;
  const child = (): WorkflowPlan => ({
    activities: dice.below(2),
    timersMs: dice.happens(0.4) ? [dice.below(8_000)] : [],
    signals: dice.below(signals + 1),
    generations: dice.happens(0.2) ? 1 : 0,
    taskQueue,
    skipsTime: false,
    ...LEFT_ALONE,
    ...ALONE,
    ...drawFamily(dice, taskQueue, depth + 1),
  });
  const children = Array.from({ length: hasChildren ? dice.between(1, 2) : 0 }, child);
  return { children, awaitsChildren, closePolicy };
}
