import { type Refusal, refusal } from '../workflow/refusal.ts';

export const deploymentNotFound = (name: string): Refusal =>
  refusal('NotFound', `no Worker Deployment found with name '${name}'; does your Worker Deployment have pollers?`);

export const buildNotFound = (buildId: string, name: string): Refusal =>
  refusal('NotFound', `build ID '${buildId}' not found in Worker Deployment '${name}'`);

export const versionNotFound = refusal('NotFound', 'Worker Deployment Version not found');
export const tokenMismatch = refusal('FailedPrecondition', 'conflict token mismatch');

/** Who manages the deployment keeps others from changing it. */
export function managerRefusal(managerIdentity: string, identity: string): Refusal | undefined {
  if (managerIdentity === '' || managerIdentity === identity) return undefined;
  return refusal(
    'FailedPrecondition',
    `ManagerIdentity '${managerIdentity}' is set and does not match user identity '${identity}'; to proceed, ` +
      'set your own identity as the ManagerIdentity, remove the ManagerIdentity, or wait for the other client to do so',
  );
}
