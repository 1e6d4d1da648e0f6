import { ApplicationFailure, continueAsNew, workflowInfo } from '@temporalio/workflow';

/** Counts down, a run for each number, carrying what it has seen. */
export async function countDown(from: number, seen: readonly string[] = []): Promise<readonly string[]> {
  const runs = [...seen, workflowInfo().runId];
  if (from === 0) return runs;
  return continueAsNew<typeof countDown>(from - 1, runs);
}

function deepInside(message: string): never {
  const cause = new Error('the reason behind');
  throw ApplicationFailure.create({ message, type: 'Hopeless', details: ['a', 2], nonRetryable: true, cause });
}

export async function failWithStack(message: string): Promise<void> {
  deepInside(message);
}

/** Fails until its retry policy has started it so often. */
export async function succeedOnAttempt(wanted: number): Promise<{ attempt: number; firstRunId: string }> {
  const { attempt, firstExecutionRunId } = workflowInfo();
  if (attempt < wanted) throw ApplicationFailure.retryable(`attempt ${attempt} fails`);
  return { attempt, firstRunId: firstExecutionRunId };
}
