import { namespaceAnswer } from '../namespaces/namespace-answer.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

const DEFAULT_PAGE_SIZE = 100;
const DELETED = 3;

/** temporal.api.workflowservice.v1.WorkflowService/ListNamespaces */
export const listNamespaces =
  ({ store, limits }: FrontendServices): Handler<'ListNamespaces'> =>
  async ({ pageSize, nextPageToken, namespaceFilter }) => {
    const size = pageSize && pageSize > 0 ? pageSize : DEFAULT_PAGE_SIZE;
    const after = Buffer.from(nextPageToken ?? []).toString();
    const records = (await store.namespaces.list())
      .filter(({ state, name }) => (namespaceFilter?.includeDeleted || state !== DELETED) && name > after)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = records.slice(0, size);
    const last = page.at(-1);
    return {
      namespaces: page.map((record) => namespaceAnswer(record, limits)),
      ...(last && records.length > size && { nextPageToken: Buffer.from(last.name) }),
    };
  };
