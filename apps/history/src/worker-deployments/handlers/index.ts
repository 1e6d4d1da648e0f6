import type { Handlers, HistoryContract } from '@duramesh/contracts';
import type { HandlerParts } from '../../handlers/handler.ts';
import { createWorkerDeployment } from './create-worker-deployment.ts';
import { createWorkerDeploymentVersion } from './create-worker-deployment-version.ts';
import { deleteDeployment } from './delete-deployment.ts';
import { deleteDeploymentVersion } from './delete-deployment-version.ts';
import { describeDeployment } from './describe-deployment.ts';
import { describeDeploymentVersion } from './describe-deployment-version.ts';
import { reactivateVersion } from './reactivate-version.ts';
import { registerWorker } from './register-worker.ts';
import { setCurrentVersion } from './set-current-version.ts';
import { setDeploymentManager } from './set-managing-identity.ts';
import { setRampingVersion } from './set-ramping-version.ts';
import { updateVersionMetadata } from './update-version-metadata.ts';

/** What is asked of worker deployments: one file each. */
export const createDeploymentHandlers = (parts: HandlerParts) =>
  ({
    createWorkerDeployment: createWorkerDeployment(parts),
    createWorkerDeploymentVersion: createWorkerDeploymentVersion(parts),
    setCurrentVersion: setCurrentVersion(parts),
    setRampingVersion: setRampingVersion(parts),
    setDeploymentManager: setDeploymentManager(parts),
    updateVersionMetadata: updateVersionMetadata(parts),
    deleteDeploymentVersion: deleteDeploymentVersion(parts),
    deleteDeployment: deleteDeployment(parts),
    describeDeployment: describeDeployment(parts),
    describeDeploymentVersion: describeDeploymentVersion(parts),
    registerWorker: registerWorker(parts),
    reactivateVersion: reactivateVersion(parts),
  }) satisfies Partial<Handlers<HistoryContract>>;
