// npm run traces [-- --svg FILE] [--grpc] [--at-hand]: runs a workflow of the SDK against four processes over a broker, all of
// which send their spans to a Jaeger, and checks what Jaeger's query API tells of it. The first run builds Jaeger, if it is not
// there; with --at-hand nothing is done then.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findJaegerServer } from '../../scripts/jaeger-server.ts';
import { startJaegerServer } from '../support/jaeger-server.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { startFourProcesses } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { assertWhole } from './expected.ts';
import { readJaegerTrace } from './jaeger-trace.ts';
import { SDK_SERVICE, TracedShop } from './traced-workflow.ts';
import { waterfall } from './waterfall.ts';

const NAMESPACE = 'forgetful';
const WITHIN_MS = 30_000;
const services = ['frontend', 'history', 'matching', 'worker'].map((name) => `duramesh-${name}`);

const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({ options: { svg: { type: 'string' }, grpc: flag, 'at-hand': flag } });
if (values['at-hand'] && findJaegerServer() === undefined) {
  console.log('no Jaeger is at hand: nothing was looked at (npm run traces builds one)');
  process.exit();
}

await using jaeger = await startJaegerServer();
const broker = await startNatsServer();
const env = {
  OTEL_EXPORTER_OTLP_ENDPOINT: values.grpc ? jaeger.otlpGrpcUrl : jaeger.otlpHttpUrl,
  OTEL_EXPORTER_OTLP_PROTOCOL: values.grpc ? 'grpc' : 'http/protobuf',
  OTEL_BSP_SCHEDULE_DELAY: '200',
};
const flags = ['--limit', 'worker.retentionSweepInterval=300ms'];
const deployment = await startFourProcesses({ nats: broker.url, env, flags });
try {
  const createNamespace = path.join(import.meta.dirname, 'create-forgetful-namespace.ts');
  execFileSync(process.execPath, [createNamespace, deployment.databaseUrl, NAMESPACE]);
  await using shop = new TracedShop(jaeger.otlpHttpUrl);
  // The first workflow finds everything cold; the second one is looked at.
  await shop.pay(deployment.address, NAMESPACE);
  const { traceId, workflowId } = await shop.pay(deployment.address, NAMESPACE);
  const tree = await until(
    async () => {
      const found = await readJaegerTrace(jaeger.queryUrl, traceId);
      return found?.named('duramesh-worker', 'retention').length === 1 && found;
    },
    { what: 'Jaeger tells of the removal of the run', withinMs: WITHIN_MS },
  );
  assertWhole(tree, workflowId);
  const missing = [...services, SDK_SERVICE].filter((service) => !tree.services.includes(service));
  if (missing.length > 0) throw new Error(`no spans of ${missing.join(', ')}`);
  console.log(`trace ${traceId}: ${tree.spans.length} spans in one tree, of ${tree.services.join(', ')}`);
  if (values.svg !== undefined) {
    writeFileSync(values.svg, waterfall(tree, 'One workflow, from its client to its removal'));
    console.log(`drawn: ${values.svg}`);
  }
} finally {
  await deployment.stop();
  await broker.stop();
}
