import { enableCompileCache } from 'node:module';

// Before anything else is loaded, so that it covers everything else.
enableCompileCache();
// What it says about a port in use is said better by us.
process.env['GRPC_VERBOSITY'] ??= 'NONE';

const [command, ...args] = process.argv.slice(2);
const wantsHelp = (): boolean => args.includes('--help') || args.includes('-h');

/** Each command is loaded when it is asked for. */
async function run(): Promise<void> {
  switch (command) {
    case 'start':
      return wantsHelp() ? print('helpText') : (await import('./commands/start.ts')).start(args);
    case 'schema':
      return (await import('./commands/schema.ts')).schema(args);
    case 'fsck':
      return wantsHelp() ? print('fsckHelpText') : (await import('./commands/fsck.ts')).fsck(args);
    case 'shards':
      return (await import('./commands/shards.ts')).shards(args);
    case 'cluster':
      return (await import('./commands/cluster.ts')).cluster(args);
    case 'limits':
      return print('limitsText');
    case 'version':
    case '--version': {
      const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
      process.stdout.write(`duramesh ${manifest.version}\n`);
      return;
    }
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return print('helpText');
    default:
      process.stderr.write(`duramesh: there is no command '${command}'; the server is run by: duramesh start\n`);
      process.exitCode = 2;
  }
}

async function print(what: 'helpText' | 'fsckHelpText' | 'limitsText'): Promise<void> {
  const config = await import('@duramesh/config');
  process.stdout.write(config[what]());
}

await run();
