// Everything that is claimed of every store, claimed of Cassandra: in one process, since its server takes seconds to start.
import { cassandraPlace } from './cassandra.ts';
import { claimOf } from './drivers.ts';

claimOf({ name: 'cassandra', place: cassandraPlace });
await import('./executions.test.ts');
await import('./history.test.ts');
await import('./inspection.test.ts');
await import('./leases.test.ts');
await import('./namespaces.test.ts');
await import('./queues.test.ts');
await import('./staged-histories.test.ts');
await import('./task-queues.test.ts');
await import('./visibility-filters.test.ts');
await import('./visibility-fuzz.test.ts');
await import('./visibility-lists.test.ts');
