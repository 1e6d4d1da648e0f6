// Writes README's table of public RPCs between its markers, from what has a handler file. `--check` fails when it is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { handlerFile, publicRpcs } from './rpcs.ts';

const root = path.join(import.meta.dirname, '..');
const readme = path.join(root, 'README.md');
const begin = '<!-- rpcs: written by scripts/rpc-table.ts -->';
const end = '<!-- /rpcs -->';

/** @param exists says whether a file, relative to the root, is there */
export function rpcTable(exists: (file: string) => boolean): string {
  const sections = publicRpcs().map(({ service, rpcs }) => {
    const rows = rpcs.map((rpc) => {
      const file = handlerFile(rpc);
      return exists(file) ? `| [${rpc}](${file}) | built |` : `| ${rpc} | UNIMPLEMENTED |`;
    });
    const built = rpcs.filter((rpc) => exists(handlerFile(rpc))).length;
    return [`### ${service}: ${built} of ${rpcs.length}`, '', '| RPC | |', '|---|---|', ...rows].join('\n');
  });
  return `${begin}\n${sections.join('\n\n')}\n${end}`;
}

function main(): void {
  const text = readFileSync(readme, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${begin} and ${end}`);
  const table = rpcTable((file) => existsSync(path.join(root, file)));
  const wanted = text.slice(0, from) + table + text.slice(to + end.length);
  if (wanted === text) return;
  if (process.argv.includes('--check')) {
    console.error('README.md: the table of RPCs is out of date, run `npm run generate`');
    process.exitCode = 1;
    return;
  }
  writeFileSync(readme, wanted);
}

if (import.meta.main) main();
