import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';

const cache = path.join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'sdk-workflows');

export interface BundleSources {
  readonly folder: string;
  /** What the bundle is made of, below the folder. */
  readonly sources: readonly string[];
  /** The module that exports the workflows. */
  readonly workflows: string;
  readonly interceptors?: readonly string[];
}

/** Workflows as the SDK bundles them; made anew when a source or an installed package has changed. */
export async function bundleOf({
  folder,
  sources,
  workflows,
  interceptors = [],
}: BundleSources): Promise<WorkflowBundle> {
  const lock = path.join(import.meta.dirname, '..', '..', '..', 'package-lock.json');
  const files = globSync([...sources], { cwd: folder }).sort();
  const hash = createHash('sha256').update(readFileSync(lock));
  for (const file of files) hash.update(file).update(readFileSync(path.join(folder, file)));
  const file = path.join(cache, `${hash.digest('hex')}.js`);
  if (!existsSync(file)) {
    const { code } = await bundleWorkflowCode({
      workflowsPath: path.join(folder, workflows),
      workflowInterceptorModules: interceptors.map((module) => path.join(folder, module)),
      logger: new DefaultLogger('WARN'),
    });
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, code);
    renameSync(`${file}.${process.pid}`, file);
  }
  return { code: readFileSync(file, 'utf8') };
}

/** The workflows of these tests. */
export const workflowBundle = (): Promise<WorkflowBundle> =>
  bundleOf({
    folder: path.join(import.meta.dirname, '..'),
    sources: ['workflows/*.ts', 'search-attributes.ts'],
    workflows: 'workflows/index.ts',
    interceptors: ['workflows/trace-headers.ts'],
  });
