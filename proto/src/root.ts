import { createRequire } from 'node:module';
import type { Root } from 'protobufjs';

const require = createRequire(import.meta.url);

/**
 * The one protobuf root of the process: the public messages of `@temporalio/proto` with our internal messages added.
 * Switching protobuf's Long support off before the root is read makes every int64 a number.
 */
function loadRoot(): Root {
  const light = require('protobufjs/light') as { util: { Long?: unknown }; configure(): void };
  light.util.Long = undefined;
  light.configure();
  const root = require('@temporalio/proto') as Root;
  root.addJSON((require('./generated/internal.json') as { nested: Parameters<Root['addJSON']>[0] }).nested);
  return root;
}

export const root: Root = loadRoot();
