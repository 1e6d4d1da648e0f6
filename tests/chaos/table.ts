import type { Report } from './play.ts';
import { spreadOf } from './recovery.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** What was done, what was checked and what came of it, for whoever watches. */
export function told(report: Report): string {
  const { play, noticed, newWorkflowMs, findings, effects, workflowIds, timedOut, recordPath } = report;
  const [last] = noticed.slice(-1);
  const lines = [
    `  seed ${play.seed}; outages of ${seconds(play.outageMs)}; checked ${last?.operations ?? 0} operations on ${workflowIds} ids and ${effects} activities:` +
      ` ${last?.ok ?? 0} went well, ${last?.retried ?? 0} of them after retries of the SDK, ${last?.unknown ?? 0} are unknown; ${timedOut.length} tasks of workers timed out`,
  ];
  for (const [at, mishap] of play.mishaps.entries()) {
    const it = noticed[at];
    if (it === undefined) continue;
    const ids = spreadOf(it.outages);
    const [before, during] = [spreadOf(it.latencyBefore), spreadOf(it.latencyDuring)];
    lines.push(
      `  ${mishap.name}: first success ${seconds(it.firstSuccessMs)} after it was over, a new workflow ${seconds(newWorkflowMs[at] ?? 0)};` +
        ` ids without an answer ${mishap.recovers} p50 ${seconds(ids.p50)}, p99 ${seconds(ids.p99)};` +
        ` latency p50 ${before.p50} → ${during.p50} ms, p99 ${before.p99} → ${during.p99} ms,` +
        ` worst ${before.max} → ${during.max} ms (${before.count} operations just before, ${during.count} while it lasted)`,
    );
  }
  for (const { what, workflowId, text } of findings) lines.push(`  ✖ ${what} ${workflowId}: ${text}`);
  lines.push(
    findings.length > 0
      ? `  record: ${recordPath}`
      : '  nothing lost, nothing doubled, one order explains all answers, fsck clean',
  );
  return lines.join('\n');
}

/** By mishap, over all plays: how soon clients could go on. */
export function summary(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ play, noticed, newWorkflowMs }) =>
    play.mishaps.flatMap((mishap, at) => {
      const it = noticed[at];
      return it === undefined ? [] : [{ mishap, it, newWorkflow: newWorkflowMs[at] ?? 0 }];
    }),
  );
  const lines = [...Map.groupBy(rows, ({ mishap }) => mishap)].map(([mishap, those]) => {
    const ids = spreadOf(those.flatMap(({ it }) => it.outages));
    const news = spreadOf(those.map(({ newWorkflow }) => newWorkflow));
    return (
      `${mishap.name} (${those.length} times): ids without an answer ${mishap.recovers} p50 ${seconds(ids.p50)}, p99 ${seconds(ids.p99)},` +
      ` worst ${seconds(ids.max)}; new workflow p50 ${seconds(news.p50)}, worst ${seconds(news.max)}`
    );
  });
  return lines.join('\n');
}
