import { claimOf } from './drivers.ts';

claimOf('mariadb');
await import('./every.claims.ts');
