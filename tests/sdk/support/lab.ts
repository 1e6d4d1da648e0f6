import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowExecutionInfo, type WorkflowHandle } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundle,
} from '@temporalio/worker';
import type { Deployment } from '../../support/server-process.ts';
import { until, within } from '../../support/until.ts';
import { createActivities } from '../activities.ts';
import { Ledger } from './ledger.ts';
import { workflowBundle } from './workflow-bundle.ts';

const CONNECTED_WITHIN_MS = 10_000;
const WORKER_STOPPED_WITHIN_MS = 20_000;
/** gRPC: DEADLINE_EXCEEDED, UNAVAILABLE. */
const PASSING = new Set([4, 14]);
const LOG_KEPT_LINES = 400;

const sdkLog: string[] = [];
Runtime.install({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    sdkLog.push(`${level} ${message} ${JSON.stringify(meta)}`);
    if (sdkLog.length > LOG_KEPT_LINES) sdkLog.shift();
  }),
  telemetryOptions: { logging: { filter: 'WARN', forward: {} } },
});

/** A worker that runs. */
export interface RunningWorker {
  readonly connection: NativeConnection;
  /** Finishes what it has begun. */
  stop(): Promise<void>;
}

/** The SDK around a deployment: a client, workers, and the world in which activities have effects. */
export class Lab {
  readonly deployment: Deployment;
  readonly client: Client;
  readonly ledger = new Ledger();
  /** Of the worker that runs all the time. */
  readonly taskQueue = `main-${randomUUID()}`;
  readonly #bundle: WorkflowBundle;
  readonly #workers = new Set<RunningWorker>();

  private constructor(deployment: Deployment, parts: { client: Client; bundle: WorkflowBundle }) {
    this.deployment = deployment;
    this.client = parts.client;
    this.#bundle = parts.bundle;
  }

  static async open(deployment: Deployment): Promise<Lab> {
    const { address } = deployment;
    const [connection, bundle] = await within(Promise.all([Connection.connect({ address }), workflowBundle()]), {
      what: 'the SDK is connected',
      withinMs: CONNECTED_WITHIN_MS,
    });
    const lab = new Lab(deployment, { client: new Client({ connection }), bundle });
    await lab.startWorker(lab.taskQueue);
    return lab;
  }

  /** With the workflows and activities of these tests, unless `options` bring others. */
  async startWorker(taskQueue: string, options: Partial<WorkerOptions> = {}): Promise<RunningWorker> {
    const activities = createActivities(this.ledger);
    return this.#startWorker({ taskQueue, workflowBundle: this.#bundle, activities, ...options });
  }

  /** That runs no workflows. */
  async startActivityWorker(taskQueue: string, activities: object): Promise<RunningWorker> {
    return this.#startWorker({ taskQueue, activities });
  }

  async #startWorker(options: WorkerOptions): Promise<RunningWorker> {
    // Workers of one task queue cannot share a connection.
    const connection = await NativeConnection.connect({ address: this.deployment.address });
    const worker = await Worker.create({ connection, shutdownGraceTime: '5s', ...options });
    const run = worker.run();
    // Told by whoever stops it; until then a failure must not end the process.
    run.catch(() => undefined);
    const running: RunningWorker = {
      connection,
      stop: async () => {
        this.#workers.delete(running);
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await within(run, { what: `the worker of ${options.taskQueue} stops`, withinMs: WORKER_STOPPED_WITHIN_MS });
        await connection.close();
      },
    };
    this.#workers.add(running);
    return running;
  }

  /** Of this test alone. */
  id(name: string): string {
    return `${name}-${randomUUID()}`;
  }

  /** What a list shows, the oldest run first. */
  async listed(query: string): Promise<readonly WorkflowExecutionInfo[]> {
    const runs: WorkflowExecutionInfo[] = [];
    for await (const run of this.client.workflow.list({ query })) runs.push(run);
    return runs.toSorted((a, b) => a.startTime.getTime() - b.startTime.getTime());
  }

  /** The result, over interruptions of the service. */
  async result<T>(handle: Pick<WorkflowHandle, 'workflowId' | 'result'>, withinMs: number): Promise<T> {
    return through(async () => (await handle.result()) as T, { what: `the result of ${handle.workflowId}`, withinMs });
  }

  async close(): Promise<void> {
    const stops = [...this.#workers].map((worker) => worker.stop());
    const failed = (await Promise.allSettled(stops)).filter((outcome) => outcome.status === 'rejected');
    await this.client.connection.close();
    if (failed.length > 0)
      throw new AggregateError(
        failed.map(({ reason }) => reason as unknown),
        'workers did not stop',
      );
  }

  /** What the SDK and the server have said, for a test that fails. */
  get log(): string {
    const server = this.deployment.log.split('\n').slice(-LOG_KEPT_LINES).join('\n');
    return `--- SDK\n${sdkLog.join('\n')}\n--- ${this.deployment.name}\n${server}`;
  }
}

/** Repeats a call whose service is away for a while; any other error is the answer. */
async function through<T>(call: () => Promise<T>, limit: { what: string; withinMs: number }): Promise<T> {
  const answer = await until(async () => {
    try {
      return { value: await call() };
    } catch (error) {
      if (isPassing(error)) throw error;
      return { error };
    }
  }, limit);
  if ('error' in answer) throw answer.error;
  return answer.value;
}

function isPassing(error: unknown): boolean {
  const cause = error instanceof Error && 'cause' in error ? error.cause : error;
  return [error, cause].some((part) => {
    const code: unknown = part instanceof Error && 'code' in part ? part.code : undefined;
    return typeof code === 'number' && PASSING.has(code);
  });
}
