import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  defineSignal,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  type ParentClosePolicy,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';

export const knock = defineSignal<[who: string]>('knock');

/** A child that adds one, or fails, or sleeps for as long as it is let. */
export async function child(what: 'add' | 'fail' | 'sleep' | 'continue', value = 0): Promise<number> {
  if (what === 'fail') throw ApplicationFailure.nonRetryable(`${value} is too much`);
  if (what === 'sleep') await sleep('365 days');
  if (what === 'continue') await continueAsNew<typeof child>('add', value);
  return value + 1;
}

/** What its child comes to, or how that failed. */
export async function parentOf(what: 'add' | 'fail' | 'continue', value: number): Promise<string> {
  try {
    return String(await executeChild(child, { args: [what, value], retry: { maximumAttempts: 1 } }));
  } catch (error) {
    if (error instanceof ChildWorkflowFailure) return `child failed: ${error.cause?.message}`;
    throw error;
  }
}

/** Cancels its child and waits for what it says to that. */
export async function parentThatCancels(): Promise<string> {
  try {
    await CancellationScope.cancellable(async () => {
      const handle = await startChild(child, { args: ['sleep'] });
      CancellationScope.current().cancel();
      await handle.result();
    });
  } catch (error) {
    if (isCancellation(error)) return 'canceled';
    throw error;
  }
  return 'not canceled';
}

/** Ends as soon as its child has begun, and tells the id of that. */
export async function parentThatLeaves(parentClosePolicy: ParentClosePolicy): Promise<string> {
  const handle = await startChild(child, { args: ['sleep'], parentClosePolicy });
  return handle.workflowId;
}

/** Waits until somebody knocks, and tells who and who its parent is. */
export async function door(): Promise<string> {
  let visitor: string | undefined;
  setHandler(knock, (who) => void (visitor = who));
  await condition(() => visitor !== undefined);
  return `${visitor} at the door of ${workflowInfo().parent?.workflowId ?? 'nobody'}`;
}

/** Knocks at the door of its child. */
export async function parentThatKnocks(): Promise<string> {
  const handle = await startChild(door);
  await handle.signal(knock, 'parent');
  return handle.result();
}

/** Signals or cancels another workflow by its id. */
export async function neighbour(workflowId: string, what: 'knock' | 'cancel'): Promise<string> {
  const handle = getExternalWorkflowHandle(workflowId);
  try {
    if (what === 'knock') await handle.signal(knock, 'neighbour');
    else await handle.cancel();
  } catch (error) {
    return `not there: ${error instanceof Error ? error.name : String(error)}`;
  }
  return 'done';
}
