import { createClient, MemoryBus, MemoryNetwork, serve } from '@duramesh/bus';
import {
  type Client,
  type HistoryContract,
  historyContract,
  matchingContract,
  type MatchingContract,
  type RequestOf,
  unavailable,
} from '@duramesh/contracts';
import { DEFAULT_LIMITS } from '@duramesh/engine';
import {
  MemoryDatabase,
  type MemoryStoreFaults,
  noFaults,
  openMemoryStore,
  type StoreRead,
  type StoreWrite,
  type WriteFate,
} from '@duramesh/persistence/memory';
import {
  AddTaskReply,
  DescribePartitionReply,
  FollowVersionsReply,
  type NamespaceRef,
  QueryTaskReply,
  QueueVersioning,
  ResolveOffersReply,
  SyncDeploymentReply,
} from '@duramesh/proto';
import { randomIds, seededRandom } from '@duramesh/runtime';
import { noMetrics, silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import type { HistoryDeps } from '../deps.ts';
import { type HistoryService, startHistory } from '../service.ts';

type AddTask = RequestOf<MatchingContract['methods']['addTask']>;
type SyncDeployment = RequestOf<MatchingContract['methods']['syncDeployment']>;

export const NAMESPACE: NamespaceRef = {
  id: 'namespace-id',
  name: 'default',
  searchAttributeTypes: {},
  retentionMs: 86_400_000,
  workflowRules: [],
};
const FACTS = { clusterId: 'test', clusterName: 'test', historyShards: 1, matchingSlots: 1 };

/** One history service on a virtual clock, with the store's faults in the test's hands. */
export class HistoryWorld {
  readonly clock = new VirtualClock();
  readonly database = new MemoryDatabase();
  readonly network = new MemoryNetwork({ clock: this.clock });
  readonly client: Client<HistoryContract>;
  /** What matching says to queries that are put to a worker. */
  queryReply: QueryTaskReply | Promise<QueryTaskReply> = QueryTaskReply.create();
  /** What was handed to matching, in order. */
  readonly handedOver: AddTask[] = [];
  /** What queues were told of deployments, in order. */
  readonly synced: SyncDeployment[] = [];
  deafQueues = false;
  /** What every queue knows of versions. */
  versioning = QueueVersioning.create();
  /** What the next commits come to; empty means that they are answered. */
  readonly fates: WriteFate[] = [];
  /** How long what is committed from now on waits for its answer. */
  commitAnswerMs = 0;
  /** How long the answer to a look at leases takes from now on. */
  leaseAnswerMs = 0;
  /** What the store was asked, in order. */
  readonly asked: (StoreRead | StoreWrite)[] = [];
  /** What removals of runs come to. */
  deletionFate: WriteFate = 'answered';
  /** What the next parts of copied histories come to. */
  readonly stagingFates: WriteFate[] = [];
  /** For services that are started after it was set. */
  copyPieceBytes = 1024 * 1024;
  service: HistoryService | undefined;
  readonly #random = seededRandom(1);

  constructor() {
    const bus = new MemoryBus({ clock: this.clock, network: this.network });
    const { clock } = this;
    this.client = createClient(bus, historyContract, { partitions: 1, clock, random: this.#random, caller: 'test' });
    const unused = async (): Promise<never> => Promise.reject(new Error('not used here'));
    serve(bus, matchingContract, {
      partition: 0,
      logger: silentLogger,
      handlers: {
        addTask: async (request) => {
          this.handedOver.push(request);
          return AddTaskReply.create({ stored: true });
        },
        pollTask: unused,
        resolveOffers: async () => ResolveOffersReply.create(),
        cancelPoll: unused,
        queryTask: async () => this.queryReply,
        respondQueryTask: unused,
        describePartition: async () => DescribePartitionReply.create(),
        locatePartition: unused,
        forwardTask: unused,
        wakePartition: unused,
        cancelWorkerPolls: unused,
        updateQueueConfig: unused,
        reloadQueueConfig: unused,
        unloadStickyQueue: unused,
        syncDeployment: async (request) => {
          this.synced.push(request);
          if (this.deafQueues) throw unavailable('the queue cannot be reached in this test');
          return SyncDeploymentReply.create();
        },
        registerVersion: unused,
        followVersions: async () => FollowVersionsReply.create({ versioning: this.versioning }),
        versionsChanged: unused,
        updateVersioningRules: unused,
      },
    });
  }

  /** Starts a history service under the name; a second one on the same database is its rival. */
  async start(memberId = 'history-0', more: Pick<HistoryDeps, 'cachedRuns'> = {}): Promise<HistoryService> {
    const { clock, database, network } = this;
    const faults: MemoryStoreFaults = {
      ...noFaults,
      latencyMs: (operation) => {
        this.asked.push(operation);
        return 0;
      },
      answerLatencyMs: (operation) =>
        operation === 'commit' ? this.commitAnswerMs : operation === 'readRangeIds' ? this.leaseAnswerMs : 0,
      fate: (operation) => {
        if (operation === 'deleteRun') return this.deletionFate;
        if (operation === 'stageHistory') return this.stagingFates.shift() ?? 'answered';
        return operation === 'commit' ? (this.fates.shift() ?? 'answered') : 'answered';
      },
    };
    const starting = startHistory({
      store: openMemoryStore({ clock, database, faults }),
      bus: new MemoryBus({ clock, network }),
      clock,
      random: this.#random,
      ids: randomIds(this.#random),
      logger: silentLogger,
      metrics: noMetrics,
      facts: FACTS,
      limits: DEFAULT_LIMITS,
      member: { memberId, address: memberId },
      ...more,
      copyPieceBytes: this.copyPieceBytes,
    });
    this.service = await clock.runUntil(starting);
    return this.service;
  }

  /** Lets virtual time pass until the call is answered. */
  do<T>(call: Promise<T>): Promise<T> {
    return this.clock.runUntil(call);
  }

  startWorkflow(workflowId = 'wf', requestId = 'request'): ReturnType<Client<HistoryContract>['startWorkflow']> {
    const request = {
      workflowId,
      requestId,
      workflowType: { name: 'type' },
      taskQueue: { name: 'queue' },
      workflowTaskTimeout: { seconds: 10 },
    };
    return this.do(this.client.startWorkflow({ namespace: NAMESPACE, request }));
  }

  signal(requestId: string, workflowId = 'wf'): ReturnType<Client<HistoryContract>['signalWorkflow']> {
    const request = { workflowExecution: { workflowId }, signalName: 'go', requestId };
    return this.do(this.client.signalWorkflow({ namespace: NAMESPACE, request }));
  }
}
