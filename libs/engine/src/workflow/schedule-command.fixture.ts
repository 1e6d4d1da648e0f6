import type { Plain, temporal } from '@duramesh/proto';
import { jsonPayload } from './properties.ts';

export const payloads = { payloads: [jsonPayload('x')] };

/** An activity of a few seconds. */
export const scheduleCommand = (id: number, retries: number): Plain<temporal.api.command.v1.ICommand> => ({
  commandType: 1,
  scheduleActivityTaskCommandAttributes: {
    activityId: `a${id}`,
    activityType: { name: 'act' },
    taskQueue: { name: 'tq' },
    input: payloads,
    startToCloseTimeout: { seconds: 5 },
    heartbeatTimeout: { seconds: 3 },
    retryPolicy: { maximumAttempts: retries },
  },
});
