import { activityInfo } from '@temporalio/activity';

/** Fails at its first attempt. */
async function charge(amount: number): Promise<string> {
  if (activityInfo().attempt === 1) throw new Error('the bank is away');
  return `charged ${amount}`;
}

export const activities = { charge };
export type Activities = typeof activities;
