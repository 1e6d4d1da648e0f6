import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';

const folder = path.join(import.meta.dirname, '..');
const cache = path.join(folder, '..', '..', 'node_modules', '.cache', 'sdk-workflows');

/** The workflows as the SDK bundles them; made anew when a source or an installed package has changed. */
export async function workflowBundle(): Promise<WorkflowBundle> {
  const sources = globSync(['workflows/*.ts', 'search-attributes.ts', '../../package-lock.json'], {
    cwd: folder,
  }).sort();
  const hash = createHash('sha256');
  for (const source of sources) hash.update(source).update(readFileSync(path.join(folder, source)));
  const file = path.join(cache, `${hash.digest('hex')}.js`);
  if (!existsSync(file)) {
    const logger = new DefaultLogger('WARN');
    const { code } = await bundleWorkflowCode({
      workflowsPath: path.join(folder, 'workflows', 'index.ts'),
      workflowInterceptorModules: [path.join(folder, 'workflows', 'trace-headers.ts')],
      logger,
    });
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, code);
    renameSync(`${file}.${process.pid}`, file);
  }
  return { code: readFileSync(file, 'utf8') };
}
