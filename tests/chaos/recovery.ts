import type { Operation } from './record/operation.ts';

/** Milliseconds. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: sorted.length };
}

/** What clients have noticed of a mishap. */
export interface Noticed {
  /** All that have returned. */
  readonly operations: number;
  readonly ok: number;
  /** Operations that went well after the SDK had asked again by itself. */
  readonly retried: number;
  /** Whose outcome nobody knows: the SDK has given up. */
  readonly unknown: number;
  /** From the moment the mishap was over until the first operation that was asked for afterwards had gone well. */
  readonly firstSuccessMs: number;
  /** For each workflow id the longest time from a wish of a client, or from `sinceMs`, until an answer came or it gave up. */
  readonly outages: readonly number[];
  /** What operations took that were asked for while it lasted, and in a time as long just before it. Those given up are in. */
  readonly latencyBefore: readonly number[];
  readonly latencyDuring: readonly number[];
}

export interface Moments {
  /** From when on all was well before it. */
  readonly calmMs: number;
  /** When the mishap struck. */
  readonly struckMs: number;
  /** When all was in place again. */
  readonly healedMs: number;
  /** From when recovery counts: what is killed is to be replaced by others, what is all there is can only be waited for. */
  readonly sinceMs: number;
}

export function noticed(operations: readonly Operation[], { calmMs, struckMs, healedMs, sinceMs }: Moments): Noticed {
  const ok = operations.filter(({ outcome }) => outcome === 'ok');
  const afterwards = ok.filter(({ invokedMs }) => invokedMs >= healedMs).map(returned);
  /** Who waits for a result waits for others. */
  const latency = (fromMs: number, untilMs: number): number[] =>
    operations
      .filter((it) => it.kind !== 'result' && it.invokedMs >= fromMs && it.invokedMs < untilMs)
      .map((it) => returned(it) - it.invokedMs);
  return {
    operations: operations.length,
    ok: ok.length,
    retried: ok.filter(({ retries }) => retries > 0).length,
    unknown: operations.filter(({ outcome }) => outcome === 'unknown').length,
    firstSuccessMs: Math.min(...afterwards) - healedMs,
    outages: outagesOfIds(
      operations.filter(({ kind }) => kind !== 'result'),
      sinceMs,
    ),
    latencyBefore: latency(Math.max(calmMs, struckMs - (healedMs - struckMs)), struckMs),
    latencyDuring: latency(struckMs, healedMs),
  };
}

function outagesOfIds(operations: readonly Operation[], sinceMs: number): readonly number[] {
  return [...Map.groupBy(operations, idOf).values()].flatMap((those) => {
    const answers = those.filter(({ outcome }) => outcome === 'ok' || outcome === 'fail').map(returned);
    const waits = those
      .filter((it) => returned(it) >= sinceMs)
      .map((it) => {
        const from = Math.max(it.invokedMs, sinceMs);
        return Math.min(returned(it), ...answers.filter((at) => at >= from)) - from;
      });
    return waits.length > 0 ? [Math.max(...waits)] : [];
  });
}

const returned = ({ returnedMs }: Operation): number => returnedMs ?? Infinity;
const idOf = ({ workflowId }: Operation): string => workflowId;
