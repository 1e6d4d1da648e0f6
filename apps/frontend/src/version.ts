/** The version of the reference this server behaves like: clients and the Web UI switch features on it. */
export const SERVER_VERSION = '1.32.0';

/** Client name → versions this server speaks to. Other clients are not checked. */
export const SUPPORTED_CLIENTS: Readonly<Record<string, string>> = {
  'temporal-go': '<2.0.0',
  'temporal-java': '<2.0.0',
  'temporal-php': '<2.0.0',
  'temporal-typescript': '<2.0.0',
  'temporal-cli': '<2.0.0',
  'temporal-server': '<2.0.0',
  'Nexus-go-sdk': '<2.0.0',
  'temporal-ui': '<3.0.0',
};

/** The name of the one cluster there is. */
export const CLUSTER_NAME = 'active';
