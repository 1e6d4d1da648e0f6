import { entityNamespace, invalidArgument } from '@duramesh/contracts';
import { decodeSummary, workerDeployments } from '@duramesh/engine';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import { decodePageToken, encodePageToken } from '@duramesh/visibility';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { pageSize } from '../validation/page-size.ts';

const memoCodec = publicCodec<Plain<temporal.api.common.v1.IMemo>>('temporal.api.common.v1.Memo');
const NOTHING = new Uint8Array();
const all = { where: undefined, groupBy: undefined };

/** temporal.api.workflowservice.v1.WorkflowService/ListWorkerDeployments */
export const listWorkerDeployments =
  ({ store, limits }: FrontendServices): Handler<'ListWorkerDeployments'> =>
  async (request, call) => {
    const token = decodePageToken(request.nextPageToken ?? NOTHING);
    if (!token.ok) throw invalidArgument('Invalid NextPageToken.');
    const page = { size: pageSize(request.pageSize, limits.visibilityPageSize), after: token.cursor };
    const { rows, next } = await store.visibility.list(
      entityNamespace(call.namespace.id, workerDeployments.name),
      all,
      page,
    );
    const summaries = rows.map(({ memo }) => memoCodec.decode(memo ?? NOTHING).fields?.['summary']?.data ?? NOTHING);
    return {
      workerDeployments: summaries.map(decodeSummary),
      ...(next && { nextPageToken: encodePageToken(next) }),
    };
  };
