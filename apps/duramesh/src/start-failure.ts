import type { Config } from '@duramesh/config';
import { MembershipRefused } from '@duramesh/membership';
import { StoreFault } from '@duramesh/persistence';
import { DataInUse } from './data-lock.ts';

/** A listener that could not be opened. */
export class ListenFault extends Error {
  override readonly name = 'ListenFault';
  readonly service: string;
  readonly port: number;

  constructor(service: string, port: number, options: ErrorOptions) {
    super(`${service} could not listen on port ${port}`, options);
    this.service = service;
    this.port = port;
  }
}

/** No broker let us in; the message says why, and what to do. */
export class BrokerAway extends Error {
  override readonly name = 'BrokerAway';
}

/** The database is not for this process. */
export class ClusterRefusal extends Error {
  override readonly name = 'ClusterRefusal';
}

/** One line that says what to do, or undefined when the fault is ours. */
export function explainStartFailure(error: unknown, config: Config): string | undefined {
  if (error instanceof ListenFault) return explainListening(error, config);
  if (error instanceof DataInUse) {
    return `${error.message} is in use by another server: stop that one, or give another --data`;
  }
  if (error instanceof StoreFault || error instanceof BrokerAway) return error.message;
  if (error instanceof ClusterRefusal || error instanceof MembershipRefused) return error.message;
  return explainFile(error);
}

const portFlags: Readonly<Record<string, string>> = {
  metrics: '--metrics-port',
  membership: '--membership-port',
};

function explainListening({ service, port, cause }: ListenFault, { ip }: Config): string | undefined {
  const flag = portFlags[service] ?? '--port';
  const why = cause instanceof Error ? cause.message : String(cause);
  if (why.includes('EADDRINUSE')) {
    return `port ${port} for ${service} is in use: stop what listens there, or choose another with ${flag}`;
  }
  if (why.includes('EADDRNOTAVAIL') || why.includes('ENOTFOUND')) {
    return `${ip} is no address of this machine: correct --ip`;
  }
  if (why.includes('EACCES'))
    return `port ${port} for ${service} needs more rights: choose one above 1023 with ${flag}`;
  return undefined;
}

function explainFile(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return undefined;
  if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'ENOTDIR' && error.code !== 'EEXIST') {
    return undefined;
  }
  return `the folder ${String(error.path)} cannot be created: allow this user to write there, or give another --data`;
}
