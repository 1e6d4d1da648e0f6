import type { CountGroup } from '@duramesh/persistence';
import type { Field } from '@duramesh/visibility';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireFilter } from '../visibility/list-runs.ts';
import { statusNames } from '../visibility/workflow-status.ts';

const encoder = new TextEncoder();
const metadata = { encoding: encoder.encode('json/plain'), type: encoder.encode('Keyword') };

/** Stores keep a status as its number, people read its name. */
const shown = ({ value }: CountGroup, field: Field | undefined): string =>
  field?.name === 'ExecutionStatus' ? (statusNames[Number(value)] ?? value) : value;

/** temporal.api.workflowservice.v1.WorkflowService/CountWorkflowExecutions */
export const countWorkflowExecutions =
  ({ store }: FrontendServices): Handler<'CountWorkflowExecutions'> =>
  async ({ query }, { namespace }) => {
    const filter = requireFilter(query, namespace, true);
    const { count, groups } = await store.visibility.count(namespace.id, filter);
    return {
      count,
      groups: groups.map((group) => ({
        groupValues: [{ metadata, data: encoder.encode(JSON.stringify(shown(group, filter.groupBy))) }],
        count: group.count,
      })),
    };
  };
