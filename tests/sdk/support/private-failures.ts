import { DefaultFailureConverter } from '@temporalio/common';

/** Puts messages and stacks of failures where a codec reaches them. Workers load it by its path. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
