import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { ConfigSurroundings } from '@duramesh/config';

/** Where the settings of a command come from. */
export const surroundings = (args: readonly string[]): ConfigSurroundings => ({
  args,
  env: process.env,
  hostName: os.hostname(),
  isTerminal: process.stdout.isTTY,
  readText: (path) => readFileSync(path, 'utf8'),
});
