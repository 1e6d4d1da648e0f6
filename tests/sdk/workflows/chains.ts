import { condition, continueAsNew, setHandler } from '@temporalio/workflow';
import { add, finish, total } from './messages.ts';

/** Adds up like `sum`, but begins a new run after every third signal. */
export async function sumInRuns(carried = 0): Promise<number> {
  let value = carried;
  let signals = 0;
  let finished = false;
  setHandler(add, (amount) => {
    value += amount;
    signals++;
  });
  setHandler(finish, () => void (finished = true));
  setHandler(total, (times) => value * times);
  await condition(() => finished || signals >= 3);
  return finished ? value : continueAsNew<typeof sumInRuns>(value);
}
