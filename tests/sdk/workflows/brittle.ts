import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';
import { finish, total } from './messages.ts';

export const failNow = defineSignal('failNow');

/** Ends well or badly, as the test says, and answers queries all the while, except for one. */
export async function brittle(): Promise<number> {
  let end: 'well' | 'badly' | undefined;
  setHandler(finish, () => void (end = 'well'));
  setHandler(failNow, () => void (end = 'badly'));
  setHandler(total, (times) => {
    if (times === 0) throw new Error('never so few');
    return 7 * times;
  });
  await condition(() => end !== undefined);
  if (end === 'badly') throw ApplicationFailure.nonRetryable('broken as asked');
  return 7;
}
