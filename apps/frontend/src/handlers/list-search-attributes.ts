import { requiredNamespace } from '../namespaces/required-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { builtInAttributes } from '../visibility/built-in-attributes.ts';

/** temporal.api.operatorservice.v1.OperatorService/ListSearchAttributes */
export const listSearchAttributes =
  ({ namespaces }: FrontendServices): Handler<'ListSearchAttributes'> =>
  async ({ namespace }) => {
    const { searchAttributes } = await requiredNamespace(namespaces, namespace);
    return { customAttributes: searchAttributes, systemAttributes: builtInAttributes };
  };
