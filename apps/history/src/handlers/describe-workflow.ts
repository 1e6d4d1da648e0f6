import { workflowServiceCodec } from '@duramesh/contracts';
import { describeExecution } from '@duramesh/engine';
import type { Plain, temporal } from '@duramesh/proto';
import { readStartedEvent } from '../read/history-reader.ts';
import { type Handler, refOf } from './handler.ts';

const responseCodec = workflowServiceCodec<Plain<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse>>(
  'DescribeWorkflowExecutionResponse',
);

export const describeWorkflow: Handler<'describeWorkflow'> =
  ({ owner, deps }) =>
  async (call) => {
    const run = await owner.read(refOf(call, call.request?.execution));
    const startedEvent = await readStartedEvent(deps.store.executions, run);
    const description = describeExecution(run.state, { startedEvent, now: deps.clock.now() });
    return { response: responseCodec.encode(description) };
  };
