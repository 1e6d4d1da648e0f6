export { type Config, type ConfigResult, type ConfigSurroundings, resolveConfig } from './config.ts';
export { helpText, limitsText } from './help.ts';
export type { LimitName, Limits } from './limits.ts';
export { type AttributeType, type ServiceName, serviceNames } from './settings.ts';
