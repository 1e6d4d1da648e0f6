import type { Plain, temporal } from '@duramesh/proto';

type WorkflowService = temporal.api.workflowservice.v1.WorkflowService;
type OperatorService = temporal.api.operatorservice.v1.OperatorService;

type Named<S> = {
  [K in keyof S as S[K] extends { readonly name: infer N extends string; readonly path: string } ? N : never]: S[K];
};
type Methods = Named<WorkflowService> & Named<OperatorService>;

/** Every RPC of WorkflowService and OperatorService, by its protobuf name. */
export type RpcName = keyof Methods;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type RequestOfMethod<M> = M extends { (request: infer Q): Promise<infer _R>; readonly path: string } ? Q : never;
type ResponseOfMethod<M> = M extends { (request: infer _Q): Promise<infer R>; readonly path: string } ? R : never;

/**
 * The decoded request of an RPC. Its top level may be written: ids that the server makes up are put into it, so that
 * a second try of the handler uses the same ones.
 */
export type RpcRequest<N extends RpcName> = Mutable<Plain<RequestOfMethod<Methods[N]>>>;
export type RpcResponse<N extends RpcName> = Omit<Plain<ResponseOfMethod<Methods[N]>>, 'toJSON'>;
