import { VersioningRules } from '@duramesh/proto';
import type { RpcResponse } from '../rpc/rpc-types.ts';

/** Rules as both calls about them answer. */
export function rulesAnswer(rules: VersioningRules | undefined): RpcResponse<'GetWorkerVersioningRules'> {
  const { assignment, redirect, token } = rules ?? VersioningRules.create();
  return {
    assignmentRules: assignment,
    compatibleRedirectRules: redirect,
    conflictToken: new TextEncoder().encode(String(token)),
  };
}
