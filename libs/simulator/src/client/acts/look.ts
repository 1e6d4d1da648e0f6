import type { RpcResponse } from '@duramesh/frontend';
import { fromPayload } from '../../payloads.ts';
import { STEP } from '../../plan/workflow-plan.ts';
import { type Caller, isNotFound, NAMESPACE, never } from '../caller.ts';
import type { Act } from './act.ts';

type Info = NonNullable<RpcResponse<'DescribeWorkflowExecution'>['workflowExecutionInfo']>;

/** Looks the workflow up in one of the ways there are: it is as far as it has told, or farther. */
export const look: Act = async (caller, { workflowId }) => {
  const { dice, ledger } = caller.world;
  const told = new Map(ledger.steps);
  const infos = await dice.pick([described, listed, counted, readBackwards])(caller, workflowId);
  for (const { execution, searchAttributes, memo } of infos) {
    const runId = execution?.runId ?? '';
    const atLeast = told.get(runId) ?? 0;
    const shown = Number(fromPayload(searchAttributes?.indexedFields?.[STEP]) ?? 0);
    const remembered = Number(fromPayload(memo?.fields?.['step']) ?? 0);
    if (shown < atLeast || remembered < atLeast) {
      ledger.violation(`${workflowId}/${runId}: shows step ${shown} and ${remembered}, ${atLeast} was acknowledged`);
    }
  }
};

type Look = (caller: Caller, workflowId: string) => Promise<readonly Info[]>;

const described: Look = async (caller, workflowId) => {
  const description = await caller.describe(workflowId);
  return description?.workflowExecutionInfo ? [description.workflowExecutionInfo] : [];
};

/** Every run is in one of the lists of open and of closed ones, or in that of all. */
const listed: Look = async (caller, workflowId) => {
  const query = `WorkflowId = '${workflowId}'`;
  const all = { namespace: NAMESPACE, query };
  const filtered = { namespace: NAMESPACE, executionFilter: { workflowId } };
  const { executions = [] } = await caller.world.dice.pick([
    () => caller.insist('ListWorkflowExecutions', all, never),
    () => caller.insist('ScanWorkflowExecutions', all, never),
    () => caller.insist('ListOpenWorkflowExecutions', filtered, never),
    () => caller.insist('ListClosedWorkflowExecutions', filtered, never),
  ])();
  return executions;
};

/** A run that has told a step is counted by it. */
const counted: Look = async (caller, workflowId) => {
  const { ledger } = caller.world;
  const runId = ledger.starts.get(workflowId);
  const step = ledger.steps.get(runId ?? '') ?? 0;
  if (runId === undefined || step === 0 || ledger.mayLackRuns(workflowId)) return [];
  const query = `WorkflowId = '${workflowId}' AND RunId = '${runId}' AND ${STEP} >= ${step}`;
  const { count } = await caller.insist('CountWorkflowExecutions', { namespace: NAMESPACE, query }, never);
  // It may have been asked to go since.
  if (Number(count) !== 1 && !ledger.mayLackRuns(workflowId)) {
    ledger.violation(`${workflowId}/${runId}: ${String(count)} runs are counted at step ${step}`);
  }
  return [];
};

/** Histories read the same in both directions. */
const readBackwards: Look = async (caller, workflowId) => {
  const execution = await caller.currentRun(workflowId);
  if (!execution) return [];
  const read = { namespace: NAMESPACE, execution };
  const backwards = await caller.ask('GetWorkflowExecutionHistoryReverse', read, isNotFound);
  const forwards = await caller.ask('GetWorkflowExecutionHistory', read, isNotFound);
  const then = (backwards?.history?.events ?? []).map(({ eventId }) => eventId).reverse();
  const now = (forwards?.history?.events ?? []).map(({ eventId }) => eventId);
  if (!forwards || then.every((eventId, i) => eventId === now[i])) return [];
  caller.world.ledger.violation(
    `${workflowId}/${execution.runId}: read backwards it has ${then.join()}, not ${now.join()}`,
  );
  return [];
};
