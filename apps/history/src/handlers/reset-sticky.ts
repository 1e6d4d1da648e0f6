import { type Handler, refOf } from './handler.ts';

export const resetSticky: Handler<'resetSticky'> =
  ({ owner }) =>
  async (call) => {
    await owner.execute(refOf(call, call.request?.execution), 'ResetSticky', {});
    return {};
  };
