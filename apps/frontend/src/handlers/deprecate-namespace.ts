import { invalidArgument } from '@duramesh/contracts';
import { changeNamespace } from '../namespaces/change-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

const DEPRECATED = 2;

/** temporal.api.workflowservice.v1.WorkflowService/DeprecateNamespace */
export const deprecateNamespace =
  (services: FrontendServices): Handler<'DeprecateNamespace'> =>
  async ({ namespace: name }) => {
    if (!name) throw invalidArgument('Namespace not set on request.');
    await changeNamespace(services, name, (record) =>
      record.state === DEPRECATED ? record : { ...record, state: DEPRECATED, configVersion: record.configVersion + 1 },
    );
    return {};
  };
