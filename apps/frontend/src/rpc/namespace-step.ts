import { errorDetail, GrpcCode, invalidArgument, namespaceNotFound, ServiceError } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import type { NamespaceRegistry } from '../namespaces/namespace-registry.ts';
import { exceedsBytes } from '../validation/ids.ts';
import type { RpcRules } from './rpc-rules.ts';

/** The fields by which a request names its namespace. */
export interface NamespacedRequest {
  readonly namespace?: string;
  readonly taskToken?: Uint8Array;
}

const NamespaceState = { REGISTERED: 1, DEPRECATED: 2 } as const;
const stateNames = ['Unspecified', 'Registered', 'Deprecated', 'Deleted'];
const nameOf = (state: number): string => stateNames[state] ?? String(state);

const anyLiveState = [NamespaceState.REGISTERED, NamespaceState.DEPRECATED];
const registeredState = [NamespaceState.REGISTERED];

function requireState(record: NamespaceRecord, allowedStates: readonly number[]): NamespaceRecord {
  if (allowedStates.includes(record.state)) return record;
  throw new ServiceError(
    GrpcCode.FAILED_PRECONDITION,
    `Namespace has invalid state: ${nameOf(record.state)}. Must be ${allowedStates.map(nameOf).join(' or ')}.`,
    [errorDetail('NamespaceInvalidStateFailure', { namespace: record.name, state: record.state, allowedStates })],
  );
}

function tokenNamespaceId(request: NamespacedRequest, rules: RpcRules): string | undefined {
  if (!rules.token || !request.taskToken?.length) return undefined;
  let id = '';
  try {
    id = rules.token.decode(request.taskToken).namespaceId;
  } catch {
    // Answered below, like a token that names nothing.
  }
  if (id === '') throw invalidArgument('Error deserializing task token.');
  return id;
}

interface Checks {
  readonly key: string;
  readonly allowedStates: readonly number[];
  /** The name beside a token; empty when there is none. */
  readonly expectedName: string;
}

function checked(record: NamespaceRecord | undefined, { key, allowedStates, expectedName }: Checks): NamespaceRecord {
  if (!record) throw namespaceNotFound(key);
  if (expectedName !== '' && expectedName !== record.name) {
    throw invalidArgument('Operation requested with a token from a different namespace.');
  }
  return requireState(record, allowedStates);
}

interface Lookup {
  readonly registry: NamespaceRegistry;
  /** How long a name may be. */
  readonly idBytes: number;
}

/** Finds the namespace of a request and checks that it may be used. Answers at once when the namespace is known. */
export function resolveNamespace(
  request: NamespacedRequest,
  rules: RpcRules,
  { registry, idBytes }: Lookup,
): NamespaceRecord | undefined | Promise<NamespaceRecord> {
  const name = request.namespace ?? '';
  if (exceedsBytes(name, idBytes)) throw invalidArgument('Namespace length exceeds limit.');
  if (rules.namespace !== 'required') return undefined;
  const hasToken = rules.token !== undefined && Boolean(request.taskToken?.length);
  const named = hasToken && name !== '' ? registry.byName(name) : undefined;
  if (!(named instanceof Promise)) return findNamespace(request, rules, registry);
  // Beside a token too, a name nobody has is told before the token is read.
  return named.then((record) => {
    if (!record) throw namespaceNotFound(name);
    return findNamespace(request, rules, registry);
  });
}

function findNamespace(
  request: NamespacedRequest,
  rules: RpcRules,
  registry: NamespaceRegistry,
): NamespaceRecord | Promise<NamespaceRecord> {
  const name = request.namespace ?? '';
  const id = tokenNamespaceId(request, rules);
  if (id === undefined && name === '') throw invalidArgument('Namespace is empty.');
  const checks = {
    key: id ?? name,
    allowedStates: rules.registeredOnly ? registeredState : anyLiveState,
    expectedName: id === undefined ? '' : name,
  };
  const found = id === undefined ? registry.byName(name) : registry.byId(id);
  return found instanceof Promise ? found.then((record) => checked(record, checks)) : checked(found, checks);
}
