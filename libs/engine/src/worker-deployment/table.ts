import type { DeploymentQueue, DeploymentVersionInfo, Plain, QueueDeployment, temporal } from '@duramesh/proto';
import type { EntityCommand } from '../entity/archetype.ts';
import type { WorkerDeployment } from './state.ts';
import type { Version } from './versions.ts';

type Payload = Plain<temporal.api.common.v1.IPayload>;
type Metadata = NonNullable<DeploymentVersionInfo['metadata']>;

interface Changed {
  readonly token: number;
}
interface Routed extends Changed {
  /** Where there was one. */
  readonly previous: Version | undefined;
}

/** What every change of the routing says. */
interface Routing {
  /** Empty: workers without a version. */
  readonly buildId: string;
  readonly identity: string;
  /** What the caller has seen; undefined when he does not care. */
  readonly token: number | undefined;
  /** A version or a deployment that is not there is made. */
  readonly mayCreate: boolean;
  /** Queues with work to do that only the current version has workers on. */
  readonly lacksQueues: boolean;
}

/** Everything that can be asked of a worker deployment. One file each in commands/. */
export type DeploymentTable = {
  CreateDeployment: {
    command: { readonly requestId: string; readonly identity: string; readonly maximumReached: number };
    reply: Changed;
  };
  CreateVersion: {
    command: {
      readonly buildId: string;
      readonly requestId: string;
      readonly identity: string;
      readonly computeConfig: DeploymentVersionInfo['computeConfig'];
    };
    reply: object;
  };
  /** A worker of the version polls the queue. */
  RegisterWorker: {
    command: { readonly buildId: string; readonly queue: DeploymentQueue; readonly maximumReached: number };
    reply: QueueDeployment;
  };
  SetCurrentVersion: { command: Routing; reply: Routed };
  SetRampingVersion: {
    command: Routing & { readonly percentage: number };
    reply: Routed & { readonly previousText: string; readonly previousPercentage: number };
  };
  SetManager: {
    command: { readonly manager: string; readonly identity: string; readonly token: number | undefined };
    reply: Changed & { readonly previous: string };
  };
  UpdateMetadata: {
    command: {
      readonly buildId: string;
      readonly upserts: Readonly<Record<string, Payload>>;
      readonly removals: readonly string[];
      readonly identity: string;
    };
    reply: Metadata;
  };
  DeleteVersion: {
    command: {
      readonly buildId: string;
      readonly skipDrainage: boolean;
      /** undefined: the server itself makes room. */
      readonly identity: string | undefined;
      readonly hasPollers: boolean;
    };
    reply: object;
  };
  DeleteDeployment: { command: object; reply: object };
  /** The queues have heard of a revision. */
  RecordTold: { command: { readonly revision: number }; reply: object };
  /** The open workflows that are pinned to a version were counted. */
  RecordDrainage: { command: { readonly buildId: string; readonly open: number }; reply: object };
  /** A workflow was pinned to the version. */
  ReactivateVersion: { command: { readonly buildId: string }; reply: object };
};

export type DeploymentCommand<N extends keyof DeploymentTable> = EntityCommand<
  WorkerDeployment,
  DeploymentTable[N]['command'],
  DeploymentTable[N]['reply']
>;
