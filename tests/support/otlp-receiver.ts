import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
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

/** What a process sends by OTLP over HTTP. */
export interface OtlpReceiver extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
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

/** Receives on a loopback port of its own. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics: (readonly ReceivedMetric[])[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (request.url === '/v1/traces') spans.push(...spansOf(body));
    else if (request.url === '/v1/metrics') metrics.push(metricsOf(body));
    else response.statusCode = 404;
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await listening;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
