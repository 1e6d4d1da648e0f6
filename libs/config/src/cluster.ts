import { matching, oneOf, text } from './parsers.ts';
import { one, optional } from './setting.ts';
import { type Answer, answerOf, type ConfigSurroundings, resolveValues } from './values.ts';

/** What `duramesh cluster` asks, and whom. */
export interface ClusterConfig {
  /** Of any process of the cluster: `host:port`. */
  readonly address: string;
  readonly output: 'text' | 'json';
  readonly namespace: string;
  readonly runId: string | undefined;
}

const TO_ASK = 'What to ask';

/** Of `duramesh cluster`. */
export const clusterSettings = {
  address: one(
    {
      flag: 'address',
      group: TO_ASK,
      placeholder: 'HOST:PORT',
      help: 'The gRPC port of any service of any process: each knows the others.',
    },
    matching(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/, 'HOST:PORT, such as 127.0.0.1:7233'),
    '127.0.0.1:7233',
  ),
  output: one(
    {
      flag: 'output',
      group: TO_ASK,
      placeholder: 'FORMAT',
      help: 'text for people, json for scripts.',
      isFlagOnly: true,
    },
    oneOf('text', 'json'),
    'text',
  ),
  inNamespace: one(
    {
      flag: 'namespace',
      group: TO_ASK,
      placeholder: 'NAME',
      help: 'Of the workflow, or of the queues.',
      isFlagOnly: true,
    },
    text,
    'default',
  ),
  runId: optional(
    {
      flag: 'run-id',
      group: TO_ASK,
      placeholder: 'ID',
      help: 'Another run than the latest one of the workflow.',
      isFlagOnly: true,
    },
    text,
  ),
};

export const resolveClusterConfig = (surroundings: ConfigSurroundings): Answer<ClusterConfig> =>
  answerOf(() => {
    const { address, output, inNamespace: namespace, runId } = resolveValues(clusterSettings, surroundings).values;
    return { address, output, namespace, runId };
  });
