import { claimOf } from './drivers.ts';

claimOf('cassandra');
await import('./every.claims.ts');
