import path from 'node:path';
import type { NatsServerOptions } from './nats-server.ts';

export const natsUsers = ['frontend', 'history', 'matching', 'worker', 'server'] as const;
export type NatsUser = (typeof natsUsers)[number];

const configuration = path.join(import.meta.dirname, '..', '..', 'deploy', 'nats');
const passwordOf = (user: string): string => `secret-of-${user}`;
const variableOf = (user: string): string => `DURAMESH_NATS_${user.toUpperCase()}_PASSWORD`;

/** A broker with the accounts of `deploy/nats`, as an operator would start it. */
export function deployedNats(
  file: 'server.conf' | 'cluster.conf',
): NatsServerOptions & { readonly routeLogin: string } {
  const passwords = [...natsUsers, 'operator'].map((user) => [variableOf(user), passwordOf(user)] as const);
  const route = passwordOf('route');
  return {
    args: ['-c', path.join(configuration, file)],
    // Names and routes of a cluster of tests are given as arguments, which count more.
    env: { ...Object.fromEntries(passwords), NATS_NAME: 'test', NATS_ROUTES: '[]', NATS_ROUTE_PASSWORD: route },
    routeLogin: `route:${route}`,
  };
}

/** `urls` with the login of a user. */
export const asUser = (user: string, urls: string): string => urls.replaceAll('//', `//${user}:${passwordOf(user)}@`);
