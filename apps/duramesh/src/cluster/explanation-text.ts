import { inWords } from '@duramesh/engine';
import type { Explanation, Reason } from '@duramesh/proto';

const INDENT = '   ';

/** Why a run waits, for people: the reasons one below the other, each with what to do. */
export function explanationText(told: Explanation): string {
  const { namespace, workflowId, runId, workflowType, status, shard, reasons, omitted } = told;
  const run = runId === '' ? '' : `, run ${runId}`;
  const head = [`Workflow ${workflowId}${run} (namespace ${namespace}, shard ${shard})`];
  if (status !== '') head.push(`${workflowType} on ${told.taskQueue}: ${status}, started ${moment(told.startTimeMs)}`);
  const rest = omitted > 0 ? [`${omitted} more reasons are not listed.`] : [];
  return `${[...head, '', ...reasons.flatMap(reasonLines), ...rest].join('\n')}\n`;
}

function reasonLines({ code, text, advice, sinceMs, untilMs }: Reason): readonly string[] {
  const times = [sinceMs > 0 ? `since ${moment(sinceMs)}` : '', untilMs > 0 ? `until ${moment(untilMs)}` : ''];
  const when = times.filter((it) => it !== '').join(', ');
  return [
    `${code}`,
    `${INDENT}${text}`,
    ...(when === '' ? [] : [`${INDENT}${when}`]),
    ...(advice === '' ? [] : [`${INDENT}What to do: ${advice}`]),
  ];
}

/** `2026-01-31 12:00:00Z, 3 min ago` */
function moment(atMs: number): string {
  const awayMs = Date.now() - atMs;
  const away = awayMs >= 0 ? `${inWords(awayMs)} ago` : `in ${inWords(-awayMs)}`;
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z (${away})`;
}
