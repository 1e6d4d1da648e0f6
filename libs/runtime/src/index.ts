export { assert, AssertionError, must, unreachable } from './assert.ts';
export { backoffMs, type BackoffPolicy } from './backoff.ts';
export type { Clock, Timer, TimestampMs } from './clock.ts';
export { Dice } from './dice.ts';
export { fnv1a32 } from './hash.ts';
export { RateWindow } from './rate-window.ts';
export { type Ids, type Random, randomIds, seededRandom } from './random.ts';
export type { Logger } from './logger.ts';
export type { Metrics, Counter, Gauge, Histogram } from './metrics.ts';
export type { Service } from './service.ts';
export {
  noSpan,
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanStart,
  type Tracer,
  UNRECORDED,
} from './tracer.ts';
export { derivedUuid, isUuid } from './uuid.ts';
