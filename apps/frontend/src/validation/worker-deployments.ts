import { invalidArgument } from '@duramesh/contracts';
import { UNVERSIONED, type Version, versionOfText } from '@duramesh/engine';
import { exceedsBytes } from './ids.ts';

/** So that the ids made of both stay within the limit of ids. */
const NAME_BYTES = 480;

function requireName(field: 'WorkerDeploymentName' | 'BuildID', text: string): void {
  if (text === '') throw invalidArgument(`${field} cannot be empty`);
  if (exceedsBytes(text, NAME_BYTES)) throw invalidArgument(`size of ${field} larger than the maximum allowed`);
  if (text.startsWith('__')) throw invalidArgument(`${field} cannot start with '__'`);
}

/** @see spec-matching 9.3.1 */
export function requireDeploymentName(name: string | undefined): string {
  const text = name ?? '';
  for (const delimiter of ['.', ':']) {
    if (text.includes(delimiter)) throw invalidArgument(`worker deployment name cannot contain '${delimiter}'`);
  }
  requireName('WorkerDeploymentName', text);
  return text;
}

/** As requests that write say it. */
export function requireDeployment(name: string | undefined): string {
  if (!name) throw invalidArgument('deployment name cannot be empty');
  return requireDeploymentName(name);
}

export function requireBuildId(buildId: string | undefined): string {
  if (!buildId) throw invalidArgument('build ID cannot be empty');
  requireName('BuildID', buildId);
  return buildId;
}

interface Named {
  readonly deploymentVersion?: Version | undefined;
  /** How older clients say it. */
  readonly version?: string | undefined;
}

export interface RequiredVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

const badText = (text: string): Error =>
  invalidArgument(`invalid version string ${JSON.stringify(text)}, expected format is "<deployment_name>.<build_id>"`);

/** The version that a request is about. */
export function requireVersion({ deploymentVersion, version = '' }: Named): RequiredVersion {
  if (!deploymentVersion && version === '') throw invalidArgument('deployment version cannot be empty');
  const named = deploymentVersion ?? versionOfText(version);
  if (!named) throw badText(version);
  return { deploymentName: requireDeploymentName(named.deploymentName), buildId: requireBuildId(named.buildId) };
}

/** The build id that a change of the routing names; empty for workers without a version. */
export function targetBuildId(
  deploymentName: string,
  { buildId = '', version = '' }: { readonly buildId?: string | undefined; readonly version?: string | undefined },
): string {
  if (buildId !== '') return requireBuildId(buildId);
  if (version === '' || version === UNVERSIONED) return '';
  const named = versionOfText(version);
  if (named?.deploymentName !== deploymentName) throw badText(version);
  return requireBuildId(named.buildId);
}
