// Finds Java and the jars of a Cassandra server for tests, fetching them when there are none. Prints their folder.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensure, isRoot, onPath, type Run, type Wanted, type Way, withApt } from './binaries.ts';

const DEFAULT_VERSION = '5.0.6';
const OLDEST_JAVA = 17;

export interface Cassandra {
  readonly java: string;
  /** The folder of the jars. */
  readonly lib: string;
}

const pom = (version: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>duramesh</groupId><artifactId>cassandra</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`;

function findJava(): string | undefined {
  const java = onPath('java');
  if (java === undefined) return undefined;
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr)?.[1]) >= OLDEST_JAVA ? java : undefined;
}

/** The jars lie in their place only when all of them are there. */
function fetchJars(version: string, folder: string, run: Run): void {
  const unfinished = path.join(folder, 'unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const file = path.join(unfinished, 'pom.xml');
  writeFileSync(file, pom(version));
  const target = path.join(unfinished, 'lib');
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${target}`, '-DincludeScope=runtime'];
  if (run('mvn', ['-q', '-B', '-f', file, ...goal])) renameSync(target, path.join(folder, 'lib'));
  rmSync(unfinished, { recursive: true, force: true });
}

const withMaven = (version: string): Way => ({
  needs: 'mvn',
  install: (folder, run) => fetchJars(version, folder, run),
});

const withAptAndMaven = (version: string): Way => ({
  needs: 'apt-get',
  install(folder, run) {
    if (!isRoot()) return;
    withApt('maven', 'default-jre-headless').install(folder, run);
    if (!existsSync(path.join(folder, 'lib'))) fetchJars(version, folder, run);
  },
});

const cassandra = (version: string): Wanted<Cassandra> => ({
  name: `Cassandra ${version}`,
  find(cache) {
    const java = findJava();
    const lib = path.join(cache, 'lib');
    return java !== undefined && globSync(path.join(lib, 'jamm-*.jar')).length > 0 ? { java, lib } : undefined;
  },
  ways: [withMaven(version), withAptAndMaven(version)],
  advice: `install Java ${OLDEST_JAVA} or newer and Maven (https://maven.apache.org), from whose repository the server comes`,
});

/** @returns what a server of that release is started with */
export function ensureCassandra(version = process.env['CASSANDRA_VERSION'] ?? DEFAULT_VERSION): Promise<Cassandra> {
  return ensure(cassandra(version));
}

if (import.meta.main) process.stdout.write(`${(await ensureCassandra()).lib}\n`);
