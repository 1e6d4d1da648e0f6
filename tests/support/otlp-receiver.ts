import { readFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;
interface SpanRef {
  readonly traceId: string;
  readonly spanId: string;
}

export interface ReceivedSpan extends SpanRef {
  readonly service: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client */
  readonly kind: number;
  /** Empty in the first of a trace. */
  readonly parentSpanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly links: readonly SpanRef[];
  /** 2 is an error. */
  readonly statusCode: number;
}

export interface ReceivedMetric {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  /** Of a histogram: the sum, and how much was observed. */
  readonly points: readonly { readonly attributes: Attributes; readonly value: number; readonly count: number }[];
}

/** What processes send by OTLP. */
export interface OtlpReceiver extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`, over HTTP. */
  readonly url: string;
  /** The same over gRPC; takes traces only. */
  readonly grpcUrl: string;
  readonly spans: readonly ReceivedSpan[];
  /** Each time that they were sent. */
  readonly metrics: readonly (readonly ReceivedMetric[])[];
}

const schema = readFileSync(path.join(import.meta.dirname, 'otlp.proto'), 'utf8');
const { root } = protobuf.parse(schema, new protobuf.Root(), { keepCase: false });

/** The message with every field there, whatever was left out. */
function decode<T>(type: string, body: Uint8Array): T {
  const message = root.lookupType(type);
  const options = { longs: Number, bytes: String, defaults: true, oneofs: true };
  return message.toObject(message.decode(body), options) as T;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, AttributeValue>> & { readonly value?: string };
}
interface Of<Scope> {
  readonly resource: { readonly attributes: readonly KeyValue[] };
  readonly scopeSpans: readonly Scope[];
  readonly scopeMetrics: readonly Scope[];
}
interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: number;
  readonly endTimeUnixNano: number;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly KeyValue[] }[];
  readonly links: readonly SpanRef[];
  readonly status: { readonly code: number } | null;
}
interface WirePoint {
  readonly attributes: readonly KeyValue[];
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly sum?: number;
  readonly count?: number;
}
interface WireMetric {
  readonly name: string;
  readonly data: string;
  readonly [data: string]: string | { readonly dataPoints: readonly WirePoint[] };
}

const attributesOf = (pairs: readonly KeyValue[]): Attributes =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value[value.value ?? ''] ?? '']));
const serviceOf = ({ resource }: Of<unknown>): string => String(attributesOf(resource.attributes)['service.name']);
const hex = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');
const refOf = ({ traceId, spanId }: SpanRef): SpanRef => ({ traceId: hex(traceId), spanId: hex(spanId) });
const msOf = (nanoseconds: number): number => nanoseconds / 1e6;

function spansOf(body: Uint8Array): readonly ReceivedSpan[] {
  type Request = { readonly resourceSpans: readonly Of<{ readonly spans: readonly WireSpan[] }>[] };
  return decode<Request>('TraceRequest', body).resourceSpans.flatMap((resource) =>
    resource.scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: serviceOf(resource),
        name: span.name,
        kind: span.kind,
        ...refOf(span),
        parentSpanId: hex(span.parentSpanId),
        startMs: msOf(span.startTimeUnixNano),
        endMs: msOf(span.endTimeUnixNano),
        attributes: attributesOf(span.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: attributesOf(attributes) })),
        links: span.links.map(refOf),
        statusCode: span.status?.code ?? 0,
      })),
    ),
  );
}

function metricsOf(body: Uint8Array): readonly ReceivedMetric[] {
  type Request = { readonly resourceMetrics: readonly Of<{ readonly metrics: readonly WireMetric[] }>[] };
  return decode<Request>('MetricsRequest', body).resourceMetrics.flatMap((resource) =>
    resource.scopeMetrics.flatMap(({ metrics }) =>
      metrics.map((metric) => {
        const data = metric[metric.data];
        const points = typeof data === 'object' ? data.dataPoints : [];
        return { service: serviceOf(resource), name: metric.name, kind: metric.data, points: points.map(pointOf) };
      }),
    ),
  );
}

const pointOf = ({ attributes, asDouble, asInt, sum, count }: WirePoint): ReceivedMetric['points'][number] => ({
  attributes: attributesOf(attributes),
  value: asDouble ?? asInt ?? sum ?? 0,
  count: count ?? 0,
});

/** Receives over HTTP. @returns the port */
async function listenHttp(receive: (url: string, body: Uint8Array) => boolean): Promise<readonly [HttpServer, number]> {
  const server = createServer(async (request, response) => {
    if (!receive(request.url ?? '', await buffer(request))) response.statusCode = 404;
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await listening;
  return [server, (server.address() as AddressInfo).port];
}

const asItIs = (bytes: Buffer): Buffer => bytes;
const traceService = {
  export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  },
} as const;

/** Receives traces over gRPC. @returns the port */
async function listenGrpc(receive: (body: Uint8Array) => void): Promise<readonly [Server, number]> {
  const server = new Server();
  server.addService(traceService, {
    export(call: { readonly request: Buffer }, answer: (error: null, response: Buffer) => void) {
      receive(call.request);
      answer(null, Buffer.alloc(0));
    },
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error) reject(error);
    else resolve(port);
  });
  return [server, await listening];
}

/** Receives on loopback ports of its own. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics: (readonly ReceivedMetric[])[] = [];
  const [http, httpPort] = await listenHttp((url, body) => {
    if (url === '/v1/traces') spans.push(...spansOf(body));
    else if (url === '/v1/metrics') metrics.push(metricsOf(body));
    else return false;
    return true;
  });
  const [grpc, grpcPort] = await listenGrpc((body) => void spans.push(...spansOf(body)));
  return {
    url: `http://127.0.0.1:${httpPort}`,
    grpcUrl: `http://127.0.0.1:${grpcPort}`,
    spans,
    metrics,
    async [Symbol.asyncDispose]() {
      grpc.forceShutdown();
      http.closeAllConnections();
      http.close();
    },
  };
}
