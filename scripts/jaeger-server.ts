// Finds a Jaeger to look at traces with, building one when there is none. Prints its path.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensure, findInstalled, isExecutable, onPath, type Wanted, type Way } from './binaries.ts';

/** The last release of the line whose modules build outside of its own repository. */
const MODULE = 'github.com/jaegertracing/jaeger/cmd/all-in-one';
const VERSION = 'v1.62.0';
/** Its own module replaces one that is gone by another, which only a main module may do. */
const GO_MOD = `module jaeger
go 1.25
replace github.com/Shopify/sarama => github.com/Shopify/sarama v1.33.0
`;
const binary = process.platform === 'win32' ? 'jaeger.exe' : 'jaeger';
const isJaeger = ['jaeger-all-in-one', 'all-in-one'];

/** Four minutes of processor time, once. */
const withGo: Way = {
  needs: 'go',
  install(folder, run) {
    const source = path.join(folder, 'source');
    mkdirSync(source, { recursive: true });
    writeFileSync(path.join(source, 'go.mod'), GO_MOD);
    if (!run('go', ['-C', source, 'get', '-tool', `${MODULE}@${VERSION}`])) return;
    run('go', ['-C', source, 'build', '-trimpath', '-ldflags=-s -w', '-o', path.join(folder, binary), MODULE]);
  },
};

const jaegerServer: Wanted<string> = {
  name: 'jaeger',
  find: (cache) =>
    isJaeger.map((name) => onPath(name)).find((file) => file !== undefined) ??
    [path.join(cache, binary)].find(isExecutable),
  ways: [withGo],
  advice: 'put jaeger-all-in-one 1.x on the PATH (https://www.jaegertracing.io/download), or install Go',
};

/** @returns the path of a jaeger-all-in-one that can be run */
export async function ensureJaegerServer(): Promise<string> {
  return process.env['JAEGER'] || ensure(jaegerServer);
}

/** @returns the path of one that is there already; nothing is built */
export function findJaegerServer(): string | undefined {
  return process.env['JAEGER'] || findInstalled(jaegerServer);
}

if (import.meta.main) process.stdout.write(`${await ensureJaegerServer()}\n`);
