import type { Headers, WorkflowInterceptorsFactory } from '@temporalio/workflow';

export const TRACE_HEADER = 'trace';

/** Hands on the header that a run was started with: to its activities, and to the run that follows. */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let trace: Headers = {};
  return {
    inbound: [
      {
        async execute(input, next) {
          const header = input.headers[TRACE_HEADER];
          if (header) trace = { [TRACE_HEADER]: header };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        async scheduleActivity(input, next) {
          return next({ ...input, headers: { ...input.headers, ...trace } });
        },
        async continueAsNew(input, next) {
          return next({ ...input, headers: { ...input.headers, ...trace } });
        },
      },
    ],
  };
};
