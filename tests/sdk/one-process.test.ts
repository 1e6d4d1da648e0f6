import { startServer } from '../support/server-process.ts';
import { searchAttributeFlags } from './search-attributes.ts';
import { sdkSuite } from './suite/sdk-suite.ts';

sdkSuite('the SDK against one process', () => startServer({ flags: searchAttributeFlags }));
