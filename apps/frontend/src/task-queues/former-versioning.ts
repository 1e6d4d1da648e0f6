import { permissionDenied, unimplemented } from '@duramesh/contracts';

/** What is left of the generation before worker deployments. */
export async function refuseFormerDeployments(): Promise<never> {
  throw unimplemented('Deployments are deprecated and no longer supported, use Worker Deployments instead');
}

/** The first generation of worker versioning is off, as it is in the reference unless it is switched on. */
export async function refuseVersionSets(): Promise<never> {
  throw permissionDenied('Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.');
}
