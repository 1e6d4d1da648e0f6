import { invalidArgument } from '@duramesh/contracts';
import { predefinedSearchAttributes, systemSearchAttributes } from '@duramesh/visibility';
import { changeNamespace } from '../namespaces/change-namespace.ts';
import { requiredNamespace } from '../namespaces/required-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

const isBuiltIn = (name: string): boolean => systemSearchAttributes.has(name) || predefinedSearchAttributes.has(name);

/** temporal.api.operatorservice.v1.OperatorService/RemoveSearchAttributes */
export const removeSearchAttributes =
  (services: FrontendServices): Handler<'RemoveSearchAttributes'> =>
  async ({ namespace, searchAttributes: removed = [] }) => {
    if (removed.length === 0) throw invalidArgument('SearchAttributes are not set on request.');
    const { name } = await requiredNamespace(services.namespaces, namespace);
    const builtIn = removed.filter(isBuiltIn);
    if (builtIn.length > 0) {
      throw invalidArgument(`Unable to remove non-custom search attributes: ${builtIn.join(', ')}.`);
    }
    await changeNamespace(services, name, (record) => {
      const kept = Object.entries(record.searchAttributes).filter(([attribute]) => !removed.includes(attribute));
      if (kept.length === Object.keys(record.searchAttributes).length) return record;
      return { ...record, searchAttributes: Object.fromEntries(kept), configVersion: record.configVersion + 1 };
    });
    return {};
  };
