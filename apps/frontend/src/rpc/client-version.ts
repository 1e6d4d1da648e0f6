import { errorDetail, GrpcCode, invalidArgument, ServiceError } from '@duramesh/contracts';
import { SERVER_VERSION, SUPPORTED_CLIENTS } from '../version.ts';
import type { CallMeta } from './call-meta.ts';
import { parseRange, parseVersion } from './semver.ts';

const MAX_REMEMBERED = 1000;

function clientRefusal(name: string, version: string): ServiceError | undefined {
  const supportedVersions = Object.hasOwn(SUPPORTED_CLIENTS, name) ? SUPPORTED_CLIENTS[name] : undefined;
  if (version === '' || supportedVersions === undefined) return undefined;
  const parsed = parseVersion(version);
  if (typeof parsed === 'string') return invalidArgument(`Unable to parse client version: ${parsed}`);
  const inRange = parseRange(supportedVersions);
  if (typeof inRange === 'string' || inRange(parsed)) return undefined;
  return new ServiceError(
    GrpcCode.FAILED_PRECONDITION,
    `Client version ${version} is not supported. Server supports ${name} versions: ${supportedVersions}`,
    [
      errorDetail('ClientVersionNotSupportedFailure', {
        clientVersion: version,
        clientName: name,
        supportedVersions,
      }),
    ],
  );
}

function serverRefusal(range: string): ServiceError | undefined {
  if (range === '') return undefined;
  const inRange = parseRange(range);
  if (typeof inRange === 'string') return invalidArgument(`Unable to parse supported server versions: ${inRange}`);
  const server = parseVersion(SERVER_VERSION);
  if (typeof server === 'string' || inRange(server)) return undefined;
  return new ServiceError(
    GrpcCode.FAILED_PRECONDITION,
    `Server version ${SERVER_VERSION} is not supported. Client supports server versions: ${range}`,
    [
      errorDetail('ServerVersionNotSupportedFailure', {
        serverVersion: SERVER_VERSION,
        clientSupportedServerVersions: range,
      }),
    ],
  );
}

/** Refuses clients that this server does not speak to, and those that do not speak to this server. */
export class ClientVersionCheck {
  readonly #remembered = new Map<string, ServiceError | undefined>();

  refusal(meta: CallMeta): ServiceError | undefined {
    const name = meta.header('client-name');
    const version = meta.header('client-version');
    const range = meta.header('supported-server-versions');
    const key = `${name}\n${version}\n${range}`;
    if (this.#remembered.has(key)) return this.#remembered.get(key);
    const refusal = clientRefusal(name, version) ?? serverRefusal(range);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, refusal);
    return refusal;
  }
}
