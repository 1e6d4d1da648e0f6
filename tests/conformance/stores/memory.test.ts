import { claimOf } from './drivers.ts';

claimOf('memory');
await import('./every.claims.ts');
