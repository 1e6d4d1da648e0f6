import type { Mutant } from '../simulation/mutants.ts';

/** Bugs the fuzzing must find; most are those it found. One that survives means that a promise is not checked any more. */
export const mutants: readonly Mutant[] = [
  {
    name: 'a client with a name that every object has is looked up among its properties',
    file: 'apps/frontend/src/rpc/client-version.ts',
    find: 'Object.hasOwn(SUPPORTED_CLIENTS, name) ? SUPPORTED_CLIENTS[name] : undefined',
    replace: 'SUPPORTED_CLIENTS[name]',
  },
  {
    name: 'a repeated workflow task wakes a paused run',
    file: 'libs/engine/src/workflow/events/workflow-task.ts',
    find: 'draft.info.state = RunState.RUN_STATE_RUNNING;',
    replace: 'draft.info.state = RunState.RUN_STATE_RUNNING; draft.info.status = 1;',
  },
  {
    name: 'a page token that cannot be read is the fault of the server',
    file: 'apps/history/src/read/page-token.ts',
    find: '} catch {',
    replace: '} catch (error) { throw error;',
  },
  {
    name: 'a task token that cannot be read is the fault of the server',
    file: 'apps/frontend/src/rpc/namespace-step.ts',
    find: '} catch {',
    replace: '} catch (error) { throw error;',
  },
];
