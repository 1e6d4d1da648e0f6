import { workflowServiceCodec } from '@duramesh/contracts';
import { describeExecution } from '@duramesh/engine';
import type { NamespaceRef, Plain, temporal } from '@duramesh/proto';
import { showSearchAttributes } from '@duramesh/visibility';
import { readStartedEvent } from '../read/history-reader.ts';
import { customAttributesOf } from '../custom-attributes.ts';
import { type Handler, namespaceOf, refOf } from './handler.ts';

type Description = Plain<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse>;

const responseCodec = workflowServiceCodec<Description>('DescribeWorkflowExecutionResponse');

/** Attributes that were removed from the namespace meanwhile are not shown, as in lists. */
function withKnownAttributes(description: Description, namespace: NamespaceRef): Description {
  const info = description.workflowExecutionInfo;
  const indexedFields = showSearchAttributes(
    info?.searchAttributes?.indexedFields ?? {},
    customAttributesOf(namespace),
  );
  return { ...description, workflowExecutionInfo: { ...info, searchAttributes: { indexedFields } } };
}

export const describeWorkflow: Handler<'describeWorkflow'> =
  ({ owner, deps }) =>
  async (call) => {
    const run = await owner.read(refOf(call, call.request?.execution));
    const startedEvent = await readStartedEvent(deps.store.executions, run);
    const description = describeExecution(run.state, { startedEvent, now: deps.clock.now() });
    return { response: responseCodec.encode(withKnownAttributes(description, namespaceOf(call))) };
  };
