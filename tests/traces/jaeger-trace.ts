import { TraceTree, type TreeSpan } from './trace-tree.ts';

interface Tag {
  readonly key: string;
  readonly value: string | number | boolean;
}
interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
  /** Microseconds. */
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly Tag[];
  readonly processID: string;
}
interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

/** One trace as Jaeger's query API tells of it; undefined when it knows of none. */
export async function readJaegerTrace(queryUrl: string, traceId: string): Promise<TraceTree | undefined> {
  const response = await fetch(`${queryUrl}/api/traces/${traceId}`);
  if (response.status === 404) return undefined;
  const { data } = (await response.json()) as { readonly data: readonly JaegerTrace[] };
  const [trace] = data;
  return trace && new TraceTree(trace.spans.map((span) => spanOf(span, trace)));
}

function spanOf(span: JaegerSpan, { traceID, processes }: JaegerTrace): TreeSpan {
  const isParent = (it: JaegerSpan['references'][number]): boolean =>
    it.refType === 'CHILD_OF' && it.traceID === traceID;
  return {
    service: processes[span.processID]?.serviceName ?? '',
    name: span.operationName,
    spanId: span.spanID,
    parentSpanId: span.references.find(isParent)?.spanID ?? '',
    startMs: span.startTime / 1000,
    endMs: (span.startTime + span.duration) / 1000,
    attributes: Object.fromEntries(span.tags.map(({ key, value }) => [key, value])),
  };
}
