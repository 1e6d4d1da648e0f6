import assert from 'node:assert/strict';
import type { Explanation, Reason } from '@duramesh/proto';
import { type CommandOutcome, duramesh } from '../support/duramesh.ts';
import { until } from '../support/until.ts';

export interface Asked {
  readonly address: string;
}

/** `duramesh cluster …` against a server, as an operator types it. */
export const clusterCommand = ({ address }: Asked, ...args: readonly string[]): Promise<CommandOutcome> =>
  duramesh(['cluster', ...args, '--address', address]);

/** What it prints for scripts. */
export async function clusterJson<T>(asked: Asked, ...args: readonly string[]): Promise<T> {
  const { out, err, code } = await clusterCommand(asked, ...args, '--output', 'json');
  assert.ok(out !== '', `exit code ${code}: ${err}`);
  return JSON.parse(out) as T;
}

export const explain = (asked: Asked, workflowId: string, ...more: readonly string[]): Promise<Explanation> =>
  clusterJson<Explanation>(asked, 'explain', workflowId, ...more);

/** Waits until the run is explained by this reason, for what takes a moment to show; answers the reason. */
export async function explainedBy(asked: Asked, workflowId: string, code: string): Promise<Reason> {
  let last: readonly Reason[] = [];
  const look = async (): Promise<Reason | undefined> => {
    last = (await explain(asked, workflowId)).reasons;
    return last.find((reason) => reason.code === code);
  };
  try {
    return await until(look, { what: `${workflowId} is explained by ${code}`, withinMs: 20_000 });
  } catch (cause) {
    throw new Error(`${code} is not among ${JSON.stringify(last)}`, { cause });
  }
}
