import { AsyncLocalStorage } from 'node:async_hooks';
import {
  noSpan,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanStart,
  type Tracer,
  UNRECORDED,
} from '@duramesh/runtime';
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span as RecordedSpan,
  type SpanContext,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { formatTraceparent, parseTraceparent } from '../traceparent.ts';

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
};

/** gRPC codes that say something about us; the others are answers like any other. */
const faults: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/** What runs now. One frame for all services of a process: a step of one sets off steps of others. */
class Frame {
  readonly traceparent: string;
  readonly span: LiveSpan | undefined;
  /** What was set off meanwhile, a timer say, may see it later. It belongs to nothing by then. */
  isOver = false;

  constructor(traceparent: string, span: LiveSpan | undefined) {
    this.traceparent = traceparent;
    this.span = span;
  }
}

/** Which step the code that runs belongs to. */
export class ActiveFrames {
  readonly #storage = new AsyncLocalStorage<Frame>();

  get current(): Frame | undefined {
    const frame = this.#storage.getStore();
    return frame?.isOver === false ? frame : undefined;
  }

  async run<T>(frame: Frame, body: () => Promise<T>): Promise<T> {
    try {
      return await this.#storage.run(frame, body);
    } finally {
      frame.isOver = true;
    }
  }
}

const spanContextOf = (traceparent: string): SpanContext | undefined => {
  const parsed = parseTraceparent(traceparent);
  if (parsed === undefined) return undefined;
  const { traceId, spanId, sampled } = parsed;
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
};

const contextOf = (parent: SpanContext | undefined): Context =>
  parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);

const linksOf = (traceparents: readonly string[]): Link[] =>
  traceparents.flatMap((traceparent) => {
    const context = spanContextOf(traceparent);
    return context === undefined ? [] : [{ context }];
  });

const isSampled = (context: SpanContext): boolean => (context.traceFlags & TraceFlags.SAMPLED) !== 0;
const textOf = (context: SpanContext): string => formatTraceparent({ ...context, sampled: isSampled(context) });

/** Steps of one service, recorded by the SDK. */
export class OpenTelemetryTracer implements Tracer {
  readonly isOn = true;
  readonly #tracer: OtelTracer;
  readonly #frames: ActiveFrames;

  constructor(tracer: OtelTracer, frames: ActiveFrames) {
    this.#tracer = tracer;
    this.#frames = frames;
  }

  begin<T>(parent: string, start: SpanStart, body: (span: Span) => Promise<T>): Promise<T> {
    if (parent === UNRECORDED) return this.run(parent, start, body);
    return this.#enter(this.#start(spanContextOf(parent), start), body);
  }

  run<T>(parent: string, start: SpanStart, body: (span: Span) => Promise<T>): Promise<T> {
    const context = spanContextOf(parent);
    if (context !== undefined && isSampled(context)) return this.#enter(this.#start(context, start), body);
    const isTrace = context !== undefined || parent === UNRECORDED;
    return this.#frames.run(new Frame(isTrace ? parent : '', undefined), () => body(noSpan));
  }

  record(parent: string, step: SpanStart & { readonly startMs: number }): string {
    const context = spanContextOf(parent);
    if (context === undefined || !isSampled(context)) return parent;
    const span = this.#start(context, step);
    span.end();
    return textOf(span.spanContext());
  }

  active(): Span | undefined {
    return this.#frames.current?.span;
  }

  current(): string {
    return this.#frames.current?.traceparent ?? '';
  }

  kept(): string {
    const frame = this.#frames.current;
    return frame === undefined || frame.span !== undefined || frame.traceparent === '' ? this.current() : UNRECORDED;
  }

  #start(parent: SpanContext | undefined, start: SpanStart): RecordedSpan {
    const { name, kind = 'internal', attributes, links, startMs } = start;
    const options = {
      kind: kinds[kind],
      ...(links && { links: linksOf(links) }),
      ...(startMs !== undefined && { startTime: startMs }),
    };
    const span = this.#tracer.startSpan(name, options, contextOf(parent));
    if (attributes !== undefined && span.isRecording()) {
      span.setAttributes(typeof attributes === 'function' ? attributes() : attributes);
    }
    return span;
  }

  #enter<T>(recorded: RecordedSpan, body: (span: Span) => Promise<T>): Promise<T> {
    const traceparent = textOf(recorded.spanContext());
    if (!recorded.isRecording()) return this.#frames.run(new Frame(traceparent, undefined), () => body(noSpan));
    const span = new LiveSpan(this, recorded, traceparent);
    return this.#frames.run(new Frame(traceparent, span), () => span.last(body));
  }
}

class LiveSpan implements Span {
  readonly traceparent: string;
  readonly #tracer: Tracer;
  readonly #span: RecordedSpan;

  constructor(tracer: Tracer, span: RecordedSpan, traceparent: string) {
    this.#tracer = tracer;
    this.#span = span;
    this.traceparent = traceparent;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  event(name: string, attributes?: SpanAttributes): void {
    this.#span.addEvent(name, attributes);
  }

  link(traceparent: string): void {
    this.#span.addLinks(linksOf([traceparent]));
  }

  fail(error: unknown): void {
    const { code, message = String(error) } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
    if (typeof code === 'number') this.#span.setAttribute('rpc.grpc.status_code', code);
    this.#span.recordException(error instanceof Error ? error : message);
    if (typeof code === 'number' && !faults.has(code)) return;
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  run<T>(start: SpanStart, body: (span: Span) => Promise<T>): Promise<T> {
    return this.#tracer.run(this.traceparent, start, body);
  }

  /** Ends with the body. */
  async last<T>(body: (span: Span) => Promise<T>): Promise<T> {
    try {
      return await body(this);
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.#span.end();
    }
  }
}
