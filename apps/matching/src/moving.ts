import { NotOwnerError } from '@duramesh/bus';

/** The slot has another owner, or is about to: the caller finds it and asks again. */
export const moving = (): NotOwnerError => new NotOwnerError('the task queue is moving to another owner');
