import { claimOf } from './drivers.ts';

claimOf('sqlite in memory', 'sqlite file');
await import('./every.claims.ts');
