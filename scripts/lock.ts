// Completes package-lock.json: a registry that carries only some platforms makes npm leave the other platforms' builds out,
// and `npm ci` then refuses the file. `--check` only says what is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The `packages` table of a package-lock.json: where a package is installed, and what it is. */
export type LockedPackages = Record<string, LockEntry>;

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'aix'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

/** @returns entries for every optional dependency that no entry stands for, keyed by where they would be installed */
export function missingEntries(packages: LockedPackages): LockedPackages {
  const missing: LockedPackages = {};
  for (const [where, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = [`${where}/node_modules/${name}`, `node_modules/${name}`];
      if (places.some((place) => packages[place] !== undefined)) continue;
      missing[`node_modules/${name}`] = entryFor(name, range, entry.dev === true);
    }
  }
  return missing;
}

function entryFor(name: string, range: string, dev: boolean): LockEntry {
  const words = name.split(/[/-]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (os.length === 0 && cpu.length === 0)
    throw new Error(`${name} is not in package-lock.json and its name tells no platform`);
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : ['glibc'];
  return {
    version: range.replace(/^[~^]/, ''),
    ...(cpu.length > 0 && { cpu }),
    ...(dev && { dev }),
    ...(os.includes('linux') && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

function main(): void {
  const file = path.join(import.meta.dirname, '..', 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: LockedPackages };
  const missing = missingEntries(lock.packages);
  const names = Object.keys(missing);
  if (names.length === 0) return console.log('package-lock.json is complete');
  if (process.argv.includes('--check')) {
    console.error(
      `package-lock.json lacks ${names.length} optional packages, run \`npm run lock\`:\n  ${names.join('\n  ')}`,
    );
    process.exitCode = 1;
    return;
  }
  const all = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(all) }, null, 2)}\n`);
  console.log(`added ${names.length} packages of other platforms to package-lock.json`);
}

if (import.meta.main) main();
