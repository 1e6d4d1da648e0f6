import type { Random } from '@duramesh/runtime';

/** A W3C trace context: which trace, and which span of it is the parent of what comes next. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** undefined when the header is absent or malformed: then the request starts a trace of its own. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const match = header === undefined ? null : TRACEPARENT.exec(header.trim());
  if (match === null) return undefined;
  const [, traceId = '', spanId = '', flags = '00'] = match;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** A new trace. */
export function startTrace(random: Random, sampled: boolean): TraceContext {
  return { traceId: hexId(random, 4), spanId: hexId(random, 2), sampled };
}

/** A new span under the parent. */
export function childSpan(parent: TraceContext, random: Random): TraceContext {
  return { ...parent, spanId: hexId(random, 2) };
}

/** All zeroes means invalid, so such an id is never given out. */
function hexId(random: Random, words: number): string {
  let id = '';
  for (let i = 0; i < words; i++) {
    id += Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return /[1-9a-f]/.test(id) ? id : `${id.slice(1)}1`;
}
