import { matching, text } from './parsers.ts';
import { optional, type ValuesOf } from './setting.ts';
import { settings } from './settings.ts';
import { ConfigRefusal, type Source } from './sources.ts';
import { type Answer, answerOf, type ConfigSurroundings, resolveValues } from './values.ts';

/** Which database a command is for. */
export interface DatabaseConfig {
  /** What openStore takes. */
  readonly databaseUrl: string;
  /** The directory to create for the database, unless a URL was given. */
  readonly dataDirectory: string | undefined;
}

/** What `duramesh fsck` is to look at. */
export interface FsckConfig extends DatabaseConfig {
  /** By its name or its id; all of them when undefined. */
  readonly namespace: string | undefined;
  readonly workflowId: string | undefined;
}

const { data, db, config } = settings;

/** Of `duramesh schema`. */
export const schemaSettings = { data, db, config };

const TO_CHECK = 'What to check';

/** Of `duramesh fsck`. */
export const fsckSettings = {
  ...schemaSettings,
  inNamespace: optional(
    {
      flag: 'namespace',
      group: TO_CHECK,
      placeholder: 'NAME',
      help: 'Only the workflow runs of this namespace.',
      defaultHelp: 'all of them',
      isFlagOnly: true,
    },
    text,
  ),
  ofWorkflow: optional(
    {
      flag: 'workflow',
      group: TO_CHECK,
      placeholder: 'ID',
      help: 'Only the runs of this workflow id; with --namespace.',
      defaultHelp: 'all of them',
      isFlagOnly: true,
    },
    matching(/./, 'a workflow id'),
  ),
};

export const resolveSchemaConfig = (surroundings: ConfigSurroundings): Answer<DatabaseConfig> =>
  answerOf(() => {
    const { values, sources } = resolveValues(schemaSettings, surroundings);
    return databaseOf(values, sources);
  });

export const resolveFsckConfig = (surroundings: ConfigSurroundings): Answer<FsckConfig> =>
  answerOf(() => {
    const { values, sources } = resolveValues(fsckSettings, surroundings);
    const { inNamespace: namespace, ofWorkflow: workflowId } = values;
    if (workflowId !== undefined && namespace === undefined) {
      throw new ConfigRefusal('--workflow needs --namespace: workflow ids belong to a namespace');
    }
    return { ...databaseOf(values, sources), namespace, workflowId };
  });

const FILE_NAME = 'duramesh.sqlite';

/** Of two ways to name the database the one from the stronger source counts; from one source they contradict. */
export function databaseOf(
  { data: folder, db: url }: Pick<ValuesOf<typeof schemaSettings>, 'data' | 'db'>,
  sources: readonly Source[],
): DatabaseConfig {
  const [dataRank, dbRank] = (['data', 'db'] as const).map((name) => {
    const rank = sources.findIndex((source) => source.has(name));
    return rank === -1 ? sources.length : rank;
  });
  if (url !== undefined && dataRank === dbRank) {
    throw new ConfigRefusal('--data and --db both name the database: give only one of them');
  }
  if (url !== undefined && (dbRank ?? 0) < (dataRank ?? 0)) return { databaseUrl: url, dataDirectory: undefined };
  return { databaseUrl: `sqlite:${folder.replace(/\/+$/, '')}/${FILE_NAME}`, dataDirectory: folder };
}
