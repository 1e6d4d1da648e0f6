#!/usr/bin/env node
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../scripts/launch.mjs';

launch(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'apps/duramesh/src/main.ts', process.argv.slice(2));
