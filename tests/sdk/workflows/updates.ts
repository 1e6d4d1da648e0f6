import { ApplicationFailure, condition, defineUpdate, setHandler, sleep } from '@temporalio/workflow';
import { finish } from './messages.ts';

export const deposit = defineUpdate<number, [amount: number]>('deposit');
export const depositLater = defineUpdate<number, [amount: number, delayMs: number]>('deposit-later');
export const withdrawAll = defineUpdate<number>('withdraw-all');

/** An account that updates change, until a signal closes it. */
export async function account(): Promise<number> {
  let balance = 0;
  let finished = false;
  const validator = (amount: number): void => {
    if (amount <= 0) throw new Error('deposits are positive');
  };
  setHandler(deposit, (amount) => (balance += amount), { validator });
  setHandler(depositLater, async (amount, delayMs) => {
    await sleep(delayMs);
    return (balance += amount);
  });
  setHandler(withdrawAll, () => {
    throw ApplicationFailure.nonRetryable('the account is frozen');
  });
  setHandler(finish, () => void (finished = true));
  await condition(() => finished);
  return balance;
}
