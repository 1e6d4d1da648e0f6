import type { WorkflowPlan } from '../../plan/workflow-plan.ts';
import type { Caller } from '../caller.ts';

/** The workflow that something is done to. */
export interface Target {
  readonly workflowId: string;
  readonly plan: WorkflowPlan;
}

/** Something that a client or an operator does to a workflow. Resolves when all of it was acknowledged. */
export type Act = (caller: Caller, target: Target) => Promise<void>;
