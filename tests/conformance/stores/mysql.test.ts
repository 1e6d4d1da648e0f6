import { claimOf } from './drivers.ts';

claimOf('mysql');
await import('./every.claims.ts');
