import { claimOf } from './drivers.ts';

claimOf('postgres');
await import('./every.claims.ts');
