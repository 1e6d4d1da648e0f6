export { type ClusterConfig, resolveClusterConfig } from './cluster.ts';
export { type Config, configOfProcess, resolveConfig } from './config.ts';
export { type DatabaseConfig, type FsckConfig, resolveFsckConfig, resolveSchemaConfig } from './database.ts';
export { clusterHelpText, fsckHelpText, helpText, limitsText, schemaHelpText, shardsHelpText } from './help.ts';
export type { LimitName, Limits } from './limits.ts';
export type { NatsFiles } from './nats.ts';
export { type AttributeType, parseShards, type ServiceName, serviceNames } from './settings.ts';
export type { ConfigSurroundings } from './values.ts';
