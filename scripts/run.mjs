// node scripts/run.mjs <file.ts> [arguments]: what every npm script of this repository goes through.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';

const [file = '', ...args] = process.argv.slice(2);
launch(path.dirname(path.dirname(fileURLToPath(import.meta.url))), file, args);
