// npm run cluster [-- options]: brokers, a database and several processes of each service on this machine, until Ctrl-C.
// A terminal sends Ctrl-C to every process of the group. What is to end in order therefore runs in a group of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const child = spawn(
  process.execPath,
  [path.join(import.meta.dirname, 'cluster', 'serve.ts'), ...process.argv.slice(2)],
  {
    detached: true,
    // It ends with us, also when we are killed: the channel closes.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'));
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
