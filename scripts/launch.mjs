// Runs a TypeScript file of this repository under the Node release pinned in package.json, installing first what is missing.
// Plain JavaScript for Node 20, and no imports but Node's own: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';

const OLDEST_NODE_THAT_RUNS_THE_SOURCES = 24;
const CACHE_FLUSH_DELAY_MS = 3000;

/** @param {string} root of the repository */
const pathsOf = (root) => ({
  lock: path.join(root, 'package-lock.json'),
  installedLock: path.join(root, 'node_modules', '.package-lock.json'),
  stamp: path.join(root, 'node_modules', '.duramesh-install'),
  nodePackage: path.join(root, 'node_modules', 'node'),
  pinnedNode: path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
  compileCache: path.join(root, 'node_modules', '.cache', 'compile'),
});

const say = (text) => process.stderr.write(`duramesh: ${text}\n`);

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

const textOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/**
 * Says whether node_modules holds what package-lock.json asks for, by one hash against the stamp of the last installation.
 * @param {string} root
 */
export function isStamped(root) {
  const { lock, stamp } = pathsOf(root);
  return textOf(stamp) === digest(readFileSync(lock));
}

/** @param {string} root */
export function stampInstall(root) {
  const { lock, stamp } = pathsOf(root);
  writeFileSync(stamp, digest(readFileSync(lock)));
}

/**
 * Says the same by npm's own record, for packages that somebody installed without this launcher.
 * @param {string} root
 */
export function isInstalled(root) {
  const { lock, installedLock } = pathsOf(root);
  const installed = textOf(installedLock);
  return installed !== undefined && lists(installed, readFileSync(lock, 'utf8'));
}

/** Optional packages may be absent: most are builds for other platforms. */
function lists(installedLock, wantedLock) {
  const installed = JSON.parse(installedLock).packages;
  return Object.entries(JSON.parse(wantedLock).packages).every(([where, wanted]) => {
    if (!where.startsWith('node_modules/') && !where.includes('/node_modules/')) return true;
    const found = installed[where];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

/** Runs npm with the Node that runs npm now, never with the pinned one: an installation may replace that under its feet. */
function npm(args, cwd) {
  const { npm_execpath: cli, npm_node_execpath: node, PATH = '' } = process.env;
  const search = PATH.split(path.delimiter).filter((entry) => !entry.includes('node_modules'));
  const env = { ...process.env, PATH: search.join(path.delimiter) };
  const options = { cwd, env, stdio: ['ignore', 2, 2] };
  if (cli?.endsWith('npm-cli.js') && node) return spawnSync(node, [cli, ...args], options).status === 0;
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' }).status === 0;
}

function works(node) {
  return existsSync(node) && spawnSync(node, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The `node` package fetches its binary in an install script, which npm may have been told not to run. */
function fetchPinnedNode(root) {
  const { nodePackage, pinnedNode } = pathsOf(root);
  if (works(pinnedNode) || !existsSync(nodePackage)) return;
  const { name, version } = JSON.parse(readFileSync(path.join(nodePackage, 'package.json'), 'utf8'));
  say(`fetching ${name} ${version} …`);
  npm(['rebuild', 'node', '--foreground-scripts', '--loglevel=error'], root);
  if (works(pinnedNode)) return;
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: nodePackage, stdio: ['ignore', 2, 2] });
}

/** @param {string} root */
function install(root) {
  if (!isInstalled(root)) installPackages(root);
  fetchPinnedNode(root);
  stampInstall(root);
}

function installPackages(root) {
  const started = Date.now();
  const fresh = !existsSync(path.join(root, 'node_modules'));
  say(fresh ? 'installing packages, once (npm ci) …' : 'the lock file changed, updating packages (npm install) …');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (npm(fresh ? ['ci', ...quiet] : ['install', '--no-save', ...quiet], root)) {
    say(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return;
  }
  say('npm could not install the packages; its message is above. Check the network and the registry, then run again.');
  process.exit(1);
}

/** The pinned Node, or the one at hand where there is no build for this platform and the one at hand will do. */
function nodeToUse(root) {
  const { pinnedNode } = pathsOf(root);
  if (existsSync(pinnedNode)) return pinnedNode;
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE_THAT_RUNS_THE_SOURCES) return process.execPath;
  say(
    `the pinned Node could not be installed here; delete node_modules and run again, or use Node ${OLDEST_NODE_THAT_RUNS_THE_SOURCES}+`,
  );
  process.exit(1);
}

function runAsChild(node, file, args) {
  const child = spawn(node, [file, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to every process of the group: passing it on would make it two.
  const forwarded = process.stdin.isTTY ? ['SIGTERM'] : ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  if (process.stdin.isTTY) process.on('SIGINT', () => {});
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * Runs `file` with `args`. Already under the right Node (npm puts it first on the PATH) it runs in this process,
 * which saves the time and memory of a second one.
 * @param {string} root
 * @param {string} file
 * @param {readonly string[]} args
 */
export function launch(root, file, args) {
  const stamped = isStamped(root);
  if (!stamped) install(root);
  const { compileCache } = pathsOf(root);
  const node = nodeToUse(root);
  process.env.NODE_COMPILE_CACHE = compileCache;
  const main = path.resolve(root, file);
  if (!stamped || process.execPath !== node) {
    runAsChild(node, main, args);
    return;
  }
  module.enableCompileCache(compileCache);
  // Node writes the cache at exit, which a killed server never reaches.
  setTimeout(() => module.flushCompileCache(), CACHE_FLUSH_DELAY_MS).unref();
  process.argv = [node, main, ...args];
  // As Node's own start does it: `import.meta.main` is true in `main`.
  module.runMain(main);
}
