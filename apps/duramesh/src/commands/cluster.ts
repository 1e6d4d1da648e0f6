import { type ClusterConfig, clusterHelpText, resolveClusterConfig } from '@duramesh/config';
import { ClusterView, DescribeClusterRequest, Explanation, ExplainWorkflowRequest } from '@duramesh/proto';
import { OperatorCallFault, OperatorClient } from '../cluster/operator-client.ts';
import { explanationText } from '../cluster/explanation-text.ts';
import { healthText, isHealthy, membersText, queuesText, shardsText } from '../cluster/cluster-text.ts';
import { fail } from '../fail.ts';
import { staying } from '../staying.ts';
import { surroundings } from '../surroundings.ts';

/** What scripts go by; told in `duramesh cluster --help`. */
const UNTOLD = 1;
const MISUSED = 2;
const UNHEALTHY = 3;
const NOT_FOUND = 4;

interface Outcome {
  readonly text: string;
  readonly json: object;
  readonly exitCode: number;
}

type Question = (client: OperatorClient, config: ClusterConfig, subject: string) => Promise<Outcome>;

const questions: ReadonlyMap<string, Question> = new Map<string, Question>([
  ['members', aboutCluster(membersText)],
  ['shards', aboutCluster(shardsText, { withShards: true })],
  ['queues', aboutCluster(queuesText, { withTaskQueues: true })],
  ['health', aboutCluster(healthText, {}, (view) => (isHealthy(view) ? 0 : UNHEALTHY))],
  ['explain', explain],
]);

/** `duramesh cluster members|shards|queues|health|explain`. */
export async function cluster([action = '', ...rest]: readonly string[]): Promise<void> {
  if (action === '' || [action, ...rest].some((arg) => arg === '--help' || arg === '-h')) return say(clusterHelpText());
  const ask = questions.get(action);
  if (ask === undefined) {
    return fail(
      `cluster knows ${[...questions.keys()].join(', ')}, not '${action}'; see duramesh cluster --help`,
      MISUSED,
    );
  }
  // Flags may stand on either side of what is asked about.
  const at = action === 'explain' ? subjectAt(rest) : -1;
  if (action === 'explain' && at === -1)
    return fail('explain needs a workflow id: duramesh cluster explain ID', MISUSED);
  const settings = resolveClusterConfig(surroundings(rest.filter((_, i) => i !== at)));
  if (!settings.ok) return fail(settings.message, MISUSED);
  const { config } = settings;
  const client = new OperatorClient(config.address);
  try {
    const { text, json, exitCode } = await staying(() => ask(client, config, rest[at] ?? ''));
    say(config.output === 'json' ? `${JSON.stringify(json, null, 2)}\n` : text);
    process.exitCode = exitCode;
  } catch (error) {
    if (error instanceof OperatorCallFault) return fail(error.message, UNTOLD);
    throw error;
  } finally {
    client.close();
  }
}

/** The first that is no flag and no value of one. */
const subjectAt = (args: readonly string[]): number =>
  args.findIndex((arg, i) => !arg.startsWith('--') && (!args[i - 1]?.startsWith('--') || args[i - 1]?.includes('=')));

function aboutCluster(
  textOf: (view: ClusterView, config: ClusterConfig) => string,
  wishes: Partial<DescribeClusterRequest> = {},
  exitCodeOf: (view: ClusterView) => number = () => 0,
): Question {
  return async (client, config) => {
    const codecs = { request: DescribeClusterRequest, response: ClusterView };
    const view = await client.call('DescribeCluster', codecs, DescribeClusterRequest.create(wishes));
    return { text: textOf(view, config), json: view, exitCode: exitCodeOf(view) };
  };
}

async function explain(client: OperatorClient, config: ClusterConfig, workflowId: string): Promise<Outcome> {
  const { namespace, runId = '' } = config;
  const codecs = { request: ExplainWorkflowRequest, response: Explanation };
  const request = ExplainWorkflowRequest.create({ namespace, workflowId, runId });
  const told = await client.call('ExplainWorkflow', codecs, request);
  const isMissing = told.reasons.some(({ code }) => code === 'NOT_FOUND');
  return { text: explanationText(told), json: told, exitCode: isMissing ? NOT_FOUND : 0 };
}

function say(text: string): void {
  // Whoever reads no further has seen enough.
  process.stdout.on('error', () => process.exit());
  process.stdout.write(text);
}
