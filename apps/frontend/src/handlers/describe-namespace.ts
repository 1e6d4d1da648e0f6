import { invalidArgument, namespaceNotFound } from '@duramesh/contracts';
import { namespaceAnswer } from '../namespaces/namespace-answer.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace */
export const describeNamespace =
  ({ store, namespaces, limits }: FrontendServices): Handler<'DescribeNamespace'> =>
  async ({ namespace: name = '', id = '', weakConsistency }) => {
    if (name && id) throw invalidArgument('GetNamespace operation failed.  Both ID and Name specified in request.');
    if (!name && !id) throw invalidArgument('Namespace not set on request.');
    const stored = store.namespaces;
    const record = weakConsistency
      ? await (name ? namespaces.byName(name) : namespaces.byId(id))
      : await (name ? stored.readByName(name) : stored.readById(id));
    if (!record) throw namespaceNotFound(name || id);
    namespaces.put(record);
    return namespaceAnswer(record, limits);
  };
