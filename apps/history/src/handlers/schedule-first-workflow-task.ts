import { type Handler, refOf } from './handler.ts';

export const scheduleFirstWorkflowTask: Handler<'scheduleFirstWorkflowTask'> =
  ({ owner }) =>
  async (call) => {
    await owner.execute(refOf(call, call), 'ScheduleFirstWorkflowTask', {});
    return {};
  };
