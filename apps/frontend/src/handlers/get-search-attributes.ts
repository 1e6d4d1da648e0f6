import type { Handler } from '../rpc/handler.ts';
import { builtInAttributes } from '../visibility/built-in-attributes.ts';

/** temporal.api.workflowservice.v1.WorkflowService/GetSearchAttributes */
export const getSearchAttributes = (): Handler<'GetSearchAttributes'> => async () => ({ keys: builtInAttributes });
