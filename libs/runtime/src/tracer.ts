import type { TimestampMs } from './clock.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** On which side of a call it is; `internal` when it is no call. */
export type SpanKind = 'internal' | 'server' | 'client';

export interface SpanStart {
  readonly name: string;
  readonly kind?: SpanKind;
  /** A function is asked only when the step is recorded. */
  readonly attributes?: SpanAttributes | (() => SpanAttributes);
  /** W3C trace contexts of what it has to do with and is no part of. */
  readonly links?: readonly string[];
  /** When it began, if not now. */
  readonly startMs?: TimestampMs;
}

/** One step of a trace, while it lasts. */
export interface Span {
  /** Its W3C trace context. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  event(name: string, attributes?: SpanAttributes): void;
  link(traceparent: string): void;
  /** What went wrong. Only what is thrown out of its body is noted by itself. */
  fail(error: unknown): void;
  /** Runs the body as a part of this step, for the service whose step this is. */
  run<T>(start: SpanStart, body: (span: Span) => Promise<T>): Promise<T>;
}

/** Instead of a trace context, where one is kept: a trace that is not recorded, whichever it is. */
export const UNRECORDED = '-';

/**
 * Where traces go. Traces are named by their W3C trace context (`traceparent`) or as {@link UNRECORDED}; the empty text names none.
 * What a body awaits, and whatever it sets off while it lasts, belongs to its span.
 */
export interface Tracer {
  /** False: nothing is ever recorded, and callers need not prepare anything. */
  readonly isOn: boolean;
  /** A request from outside: part of the trace that it names, or the first step of a new one. Sampling is decided here. */
  begin<T>(parent: string, start: SpanStart, body: (span: Span) => Promise<T>): Promise<T>;
  /** A step of a trace that has begun. Without a parent the body runs by itself, whatever has set it off. */
  run<T>(parent: string, start: SpanStart, body: (span: Span) => Promise<T>): Promise<T>;
  /** A step that has just ended. @returns its trace context, or that of the parent when it was not recorded */
  record(parent: string, step: SpanStart & { readonly startMs: TimestampMs }): string;
  /** The step that runs now, if it is recorded. */
  active(): Span | undefined;
  /** The trace context of what runs now, recorded or not; empty when it belongs to no trace. */
  current(): string;
  /** The same in short, to be kept for later. */
  kept(): string;
}

/** A step that nobody sees. */
export const noSpan: Span = {
  traceparent: '',
  set() {},
  event() {},
  link() {},
  fail() {},
  run: (_start, body) => body(noSpan),
};

/** Records nothing. */
export const noTracer: Tracer = {
  isOn: false,
  begin: (_parent, _start, body) => body(noSpan),
  run: (_parent, _start, body) => body(noSpan),
  record: (parent) => parent,
  active: () => undefined,
  current: () => '',
  kept: () => '',
};
