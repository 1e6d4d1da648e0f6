import { startServer } from '../support/server-process.ts';
import { databases } from './databases.ts';
import { searchAttributeFlags } from './search-attributes.ts';
import { sdkSuite } from './suite/sdk-suite.ts';

for (const { name, create } of databases) {
  const open = async () => startServer({ db: await create(), flags: searchAttributeFlags });
  sdkSuite(`the SDK against one process on ${name}`, open);
}
