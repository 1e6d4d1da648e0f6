import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Client, Connection } from '@temporalio/client';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { activities } from './activities.ts';
import { approve, payment } from './workflows/index.ts';

/** What the spans of the SDK are called by. */
export const SDK_SERVICE = 'shop';

type PluginOptions = ConstructorParameters<typeof OpenTelemetryPlugin>[0];

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** The SDK with its OpenTelemetry interceptors, as an application sets it up. */
export class TracedShop implements AsyncDisposable {
  readonly #provider: BasicTracerProvider;
  readonly #processor: BatchSpanProcessor;
  readonly #resource = new Resource({ 'service.name': SDK_SERVICE });

  /** @param collector where to send spans, by OTLP over HTTP */
  constructor(collector: string) {
    this.#processor = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${collector}/v1/traces` }));
    this.#provider = new BasicTracerProvider({ resource: this.#resource, spanProcessors: [this.#processor] });
    this.#provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  }

  /** Runs one workflow from its start to its result. */
  async pay(
    address: string,
    namespace = 'default',
  ): Promise<{ readonly traceId: string; readonly workflowId: string }> {
    // The plugin brings a copy of the same packages along.
    const options = { resource: this.#resource, spanProcessor: this.#processor } as unknown as PluginOptions;
    const plugin = new OpenTelemetryPlugin(options);
    const taskQueue = `payments-${randomUUID()}`;
    const [connection, workers] = [await Connection.connect({ address }), await NativeConnection.connect({ address })];
    const client = new Client({ connection, namespace, plugins: [plugin] });
    const workflowsPath = path.join(import.meta.dirname, 'workflows', 'index.ts');
    const plugins = [plugin];
    const worker = await Worker.create({
      connection: workers,
      namespace,
      taskQueue,
      workflowsPath,
      activities,
      plugins,
    });
    const workflowId = `payment-${randomUUID()}`;
    try {
      return await worker.runUntil(
        trace.getTracer(SDK_SERVICE).startActiveSpan('pay', async (span) => {
          const handle = await client.workflow.start(payment, { workflowId, taskQueue, args: [42] });
          await handle.signal(approve);
          await handle.result();
          span.end();
          return { traceId: span.spanContext().traceId, workflowId };
        }),
      );
    } finally {
      await this.#processor.forceFlush();
      await connection.close();
      await workers.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  }
}
