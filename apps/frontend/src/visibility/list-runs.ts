import { invalidArgument } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import { decodePageToken, encodePageToken, type ListFilter, parseListFilter } from '@duramesh/visibility';
import type { FrontendServices } from '../rpc/handler.ts';
import { pageSize } from '../validation/page-size.ts';
import { customAttributesOf } from '../validation/search-attributes.ts';
import { executionInfo } from './execution-info.ts';

interface Page {
  readonly size: number | undefined;
  readonly token: Uint8Array | undefined;
}

/** The filter a query means in a namespace. */
export function requireFilter(query: string | undefined, namespace: NamespaceRecord, forCount: boolean): ListFilter {
  const parsed = parseListFilter(query ?? '', { customAttributes: customAttributesOf(namespace), forCount });
  if (!parsed.ok) throw invalidArgument(parsed.message);
  return parsed.filter;
}

/** One page of the runs of a namespace, with the token of the next one while pages are full. */
export async function listRuns(
  { store, limits }: Pick<FrontendServices, 'store' | 'limits'>,
  namespace: NamespaceRecord,
  { filter, page }: { readonly filter: ListFilter; readonly page: Page },
) {
  const token = decodePageToken(page.token ?? new Uint8Array());
  if (!token.ok) throw invalidArgument('Invalid NextPageToken.');
  const size = pageSize(page.size, limits.visibilityPageSize);
  const { rows, next } = await store.visibility.list(namespace.id, filter, { size, after: token.cursor });
  const custom = customAttributesOf(namespace);
  return {
    executions: rows.map((row) => executionInfo(row, custom)),
    ...(next && { nextPageToken: encodePageToken(next) }),
  };
}
