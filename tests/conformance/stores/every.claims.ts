// What is claimed of every store.
import './entities.claims.ts';
import './executions.claims.ts';
import './history.claims.ts';
import './inspection.claims.ts';
import './leases.claims.ts';
import './namespaces.claims.ts';
import './queues.claims.ts';
import './resharding.claims.ts';
import './staged-histories.claims.ts';
import './task-queues.claims.ts';
import './visibility-filters.claims.ts';
import './visibility-fuzz.claims.ts';
import './visibility-lists.claims.ts';
