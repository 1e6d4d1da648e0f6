import { matching, text } from './parsers.ts';
import { optional, type ValuesOf } from './setting.ts';
import { ConfigRefusal } from './sources.ts';

const LOGIN = 'How to log in to the broker';
const file = { group: LOGIN, placeholder: 'FILE' } as const;

export const natsSettings = {
  nats: optional(
    {
      flag: 'nats',
      group: 'What runs here',
      placeholder: 'URL[,URL]',
      help:
        'The broker between processes, or the brokers of a cluster; tls: instead of nats: insists on TLS. ' +
        'Without it the services of this process talk in memory.',
    },
    matching(/^(?:nats|tls):\/\/[^\s/,]+(?:,(?:nats|tls):\/\/[^\s/,]+)*$/, 'a URL such as nats://127.0.0.1:4222'),
  ),
  natsCredentials: optional(
    { ...file, flag: 'nats-credentials', help: 'JWT and seed of a user, as nsc writes them into a .creds file.' },
    text,
  ),
  natsNkey: optional({ ...file, flag: 'nats-nkey', help: 'The seed of an NKey.' }, text),
  natsTlsCa: optional(
    { ...file, flag: 'nats-tls-ca', help: 'The CA that has signed the certificates of the brokers, as PEM.' },
    text,
  ),
  natsTlsCert: optional({ ...file, flag: 'nats-tls-cert', help: 'The certificate to show them, as PEM.' }, text),
  natsTlsKey: optional({ ...file, flag: 'nats-tls-key', help: 'Its key, as PEM.' }, text),
};

/** Paths of what proves to the brokers who we are. */
export interface NatsFiles {
  readonly credentials: string | undefined;
  readonly nkey: string | undefined;
  readonly tlsCa: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

/** @throws ConfigRefusal when there are files but no broker to show them to */
export function natsFilesOf(values: ValuesOf<typeof natsSettings>): NatsFiles {
  const files = {
    credentials: values.natsCredentials,
    nkey: values.natsNkey,
    tlsCa: values.natsTlsCa,
    tlsCert: values.natsTlsCert,
    tlsKey: values.natsTlsKey,
  };
  const isAnyGiven = Object.values(files).some((path) => path !== undefined);
  if (isAnyGiven && values.nats === undefined) throw new ConfigRefusal('the --nats-… flags need --nats URL');
  return files;
}

/** The brokers without their logins, for people. */
export const brokersShown = (urls: string | undefined): string | undefined =>
  urls
    ?.split(',')
    .map((url) => url.replace(/\/\/.*@/, '//'))
    .join(',');
