import { type Handler, namespaceOf, refOf } from './handler.ts';

export const queryWorkflow: Handler<'queryWorkflow'> =
  ({ queryWorkflow: queries }) =>
  async (call, context) => {
    const request = call.request ?? {};
    return queries.ask({
      namespace: namespaceOf(call).name,
      ref: refOf(call, request.execution),
      query: request.query ?? {},
      rejectCondition: request.queryRejectCondition ?? 0,
      remainingMs: () => context.remainingMs(),
      signal: context.signal,
    });
  };
