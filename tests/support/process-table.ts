import { execFileSync } from 'node:child_process';

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

function listProcesses(): readonly Listed[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'stat='], { encoding: 'utf8' });
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state };
    });
}

/** The processes that this one has started and that are there now. */
export function childrenOf(pid: number): readonly number[] {
  return listProcesses().flatMap((it) => (it.parent === pid ? it.pid : []));
}

/** States as `ps` tells them (`T` stands still, `Z` has given back all it had) of those processes that are there. */
export function statesOf(pids: readonly number[]): readonly string[] {
  return listProcesses().flatMap((it) => (pids.includes(it.pid) ? it.state : []));
}
