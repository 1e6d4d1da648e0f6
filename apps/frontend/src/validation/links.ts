import { invalidArgument } from '@duramesh/contracts';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';

type Link = Plain<temporal.api.common.v1.ILink>;
type WorkflowEvent = Plain<temporal.api.common.v1.Link.IWorkflowEvent>;

const linkCodec = publicCodec<Link>('temporal.api.common.v1.Link');

function requireFields(kind: string, fields: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!value) throw invalidArgument(`${kind} link must not have an empty ${name} field`);
  }
}

function requireWorkflowEvent({ namespace, workflowId, runId, eventRef, requestIdRef }: WorkflowEvent): void {
  requireFields('workflow event', { namespace, 'workflow ID': workflowId, 'run ID': runId });
  if (eventRef && !eventRef.eventType && eventRef.eventId) {
    throw invalidArgument('workflow event link ref cannot have an unspecified event type and a non-zero event ID');
  }
  if (requestIdRef && !requestIdRef.requestId) {
    throw invalidArgument('workflow event link ref must not have an empty request ID field');
  }
}

function requireVariant(link: Link): void {
  if (link.workflowEvent) return requireWorkflowEvent(link.workflowEvent);
  if (link.batchJob) return requireFields('batch job', { 'job ID': link.batchJob.jobId });
  if (link.workflow) {
    const { namespace, workflowId, runId } = link.workflow;
    return requireFields('workflow', { namespace, 'workflow ID': workflowId, 'run ID': runId });
  }
  if (link.activity) {
    const { namespace, activityId, runId } = link.activity;
    return requireFields('activity', { namespace, 'activity ID': activityId, 'run ID': runId });
  }
  if (link.nexusOperation) {
    const { namespace, operationId, runId } = link.nexusOperation;
    return requireFields('nexus operation', { namespace, 'operation ID': operationId, 'run ID': runId });
  }
  throw invalidArgument('unsupported link variant');
}

export function requireLinks(
  links: readonly Link[] | undefined,
  { linksPerRequest, linkBytes }: { readonly linksPerRequest: number; readonly linkBytes: number },
): void {
  if (!links?.length) return;
  if (links.length > linksPerRequest) {
    throw invalidArgument(`cannot attach more than ${linksPerRequest} links per request, got ${links.length}`);
  }
  for (const link of links) {
    const size = linkCodec.encode(link).length;
    if (size > linkBytes) throw invalidArgument(`link exceeds allowed size of ${linkBytes}, got ${size}`);
    requireVariant(link);
  }
}
