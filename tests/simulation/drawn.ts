import { existsSync } from 'node:fs';
import path from 'node:path';
import { EVENT_TYPES, WORKER_COMMANDS } from '@duramesh/engine';
import type { RpcName } from '@duramesh/frontend';
import { Mix, type MixLists } from '@duramesh/simulator';
import { handlerFile, publicRpcs } from '../../scripts/rpcs.ts';

const NAMESPACES = 'what namespaces are is read by every other call, and changed in tests/conformance';
const TELLS = 'says what the server is, not what happens in it';
const QUEUES = 'configures task queues; what they do is simulated with the configuration of the seed';
const RULES = 'a rule of a namespace would pause the activities of all its workflows: pauses are drawn one by one';
const VERSIONS =
  'workers of the simulation name no build: versions are tried with the SDK (tests/sdk/suite/versions.ts)';

/** Built RPCs that nobody asks in the simulation, and why. All others are drawn, and so is whatever is built later. */
export const NOT_DRAWN: Partial<Readonly<Record<RpcName, string>>> = {
  AddSearchAttributes: NAMESPACES,
  CreateWorkerDeployment: VERSIONS,
  CreateWorkerDeploymentVersion: VERSIONS,
  CreateWorkflowRule: RULES,
  DeleteWorkerDeployment: VERSIONS,
  DeleteWorkerDeploymentVersion: VERSIONS,
  DeleteWorkflowRule: RULES,
  DeprecateNamespace: NAMESPACES,
  DescribeDeployment: VERSIONS,
  DescribeNamespace: NAMESPACES,
  DescribeTaskQueue: TELLS,
  DescribeWorkerDeployment: VERSIONS,
  DescribeWorkerDeploymentVersion: VERSIONS,
  DescribeWorkflowRule: RULES,
  GetClusterInfo: TELLS,
  GetCurrentDeployment: VERSIONS,
  GetDeploymentReachability: VERSIONS,
  GetSearchAttributes: TELLS,
  GetSystemInfo: TELLS,
  GetWorkerBuildIdCompatibility: VERSIONS,
  GetWorkerTaskReachability: VERSIONS,
  GetWorkerVersioningRules: VERSIONS,
  ListArchivedWorkflowExecutions: 'there is no archive',
  ListDeployments: VERSIONS,
  ListNamespaces: NAMESPACES,
  ListSearchAttributes: TELLS,
  ListTaskQueuePartitions: QUEUES,
  ListWorkerDeployments: VERSIONS,
  ListWorkflowRules: RULES,
  PollNexusTaskQueue: 'no Nexus task is ever made',
  RegisterNamespace: NAMESPACES,
  RemoveSearchAttributes: NAMESPACES,
  SetCurrentDeployment: VERSIONS,
  SetWorkerDeploymentCurrentVersion: VERSIONS,
  SetWorkerDeploymentManager: VERSIONS,
  SetWorkerDeploymentRampingVersion: VERSIONS,
  TriggerWorkflowRule: RULES,
  UpdateNamespace: NAMESPACES,
  UpdateTaskQueueConfig: QUEUES,
  UpdateWorkerBuildIdCompatibility: VERSIONS,
  UpdateWorkerDeploymentVersionMetadata: VERSIONS,
  UpdateWorkerVersioningRules: VERSIONS,
};

const root = path.resolve(import.meta.dirname, '../..');
const isBuilt = (rpc: string): boolean => existsSync(path.join(root, handlerFile(rpc)));

/** What the server can do and no seed has used, by name. */
export function neverDrawn(lists: readonly MixLists[]): readonly string[] {
  const mix = new Mix();
  for (const one of lists) mix.add(one);
  const asked: ReadonlySet<string> = mix.rpcs;
  const rpcs = publicRpcs().flatMap((service) => service.rpcs.filter(isBuilt));
  const commands = [...WORKER_COMMANDS].filter(([type]) => !mix.commands.has(type));
  const events = Object.entries(EVENT_TYPES).filter(([, type]) => !mix.events.has(type));
  return [
    ...rpcs.filter((rpc) => !asked.has(rpc) && !(rpc in NOT_DRAWN)),
    ...commands.map(([, name]) => `command ${name}`),
    ...events.map(([name]) => `event ${name}`),
  ];
}
