import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { bundleOf } from '../../sdk/support/workflow-bundle.ts';
import { within } from '../../support/until.ts';
import type { Recorder } from '../record/recorder.ts';
import { createActivities } from './activities.ts';

const WORKER_STOPPED_WITHIN_MS = 30_000;
const CLIENTS = 4;
const WORKERS = 2;

/** The npm SDK as it is, around a server: several clients and workers, so that no single connection decides. */
export class Sdk {
  readonly clients: readonly Client[];
  readonly #workers: readonly (() => Promise<void>)[];

  private constructor(clients: readonly Client[], workers: readonly (() => Promise<void>)[]) {
    this.clients = clients;
    this.#workers = workers;
  }

  static async open(address: string, { taskQueue, recorder }: { taskQueue: string; recorder: Recorder }): Promise<Sdk> {
    Runtime.install({
      logger: new DefaultLogger('WARN', ({ level, message, meta }) => recorder.write({ sdk: level, message, meta })),
      telemetryOptions: { logging: { filter: 'WARN', forward: {} } },
    });
    const workers = Array.from({ length: WORKERS }, () => startWorker(address, { taskQueue, recorder }));
    const clients = Array.from({ length: CLIENTS }, () => connect(address, recorder));
    return new Sdk(await Promise.all(clients), await Promise.all(workers));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((stop) => stop()));
    await Promise.all(this.clients.map((client) => client.connection.close()));
    await Runtime.instance().shutdown();
  }
}

/** With the retries that the SDK makes by itself, counted. */
async function connect(address: string, recorder: Recorder): Promise<Client> {
  const retry = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());
  const connection = await Connection.connect({
    address,
    interceptors: [
      (options, nextCall) => {
        const retried = recorder.retried();
        let calls = 0;
        return retry(options, (forCall) => {
          calls += 1;
          if (calls > 1) retried();
          return nextCall(forCall);
        });
      },
    ],
  });
  return new Client({ connection });
}

async function startWorker(
  address: string,
  { taskQueue, recorder }: { taskQueue: string; recorder: Recorder },
): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleOf({ folder: import.meta.dirname, sources: ['*.ts'], workflows: 'workflows.ts' }),
    activities: createActivities(recorder),
    shutdownGraceTime: '5s',
  });
  const run = worker.run();
  run.catch((error: unknown) => recorder.write({ workerFailed: String(error) }));
  return async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await within(run, { what: 'a worker stops', withinMs: WORKER_STOPPED_WITHIN_MS });
    await connection.close();
  };
}
