import { enableCompileCache } from 'node:module';

// Before anything else is loaded, so that it covers everything else.
enableCompileCache();
// What it says about a port in use is said better by us.
process.env['GRPC_VERBOSITY'] ??= 'NONE';

const [command, ...args] = process.argv.slice(2);

/** Each command is loaded when it is asked for. */
async function run(): Promise<void> {
  if (command === undefined || command === 'help' || command === '--help' || command === '-h') return print('helpText');
  if (command === 'limits') return print('limitsText');
  if (command === '--version' || command === 'version') {
    const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
    process.stdout.write(`duramesh ${manifest.version}\n`);
    return;
  }
  if (command !== 'start') {
    process.stderr.write(`duramesh: there is no command '${command}'; the server is run by: duramesh start\n`);
    process.exitCode = 2;
    return;
  }
  if (args.includes('--help') || args.includes('-h')) return print('helpText');
  const { start } = await import('./commands/start.ts');
  await start(args);
}

async function print(what: 'helpText' | 'limitsText'): Promise<void> {
  const config = await import('@duramesh/config');
  process.stdout.write(config[what]());
}

await run();
