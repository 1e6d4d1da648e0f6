import type { RpcName } from '@duramesh/frontend';

/** What was used of all that there is: a simulation says nothing of what no seed ever draws. */
export class Mix {
  readonly rpcs = new Set<RpcName>();
  /** temporal.api.enums.v1.CommandType of commands that a worker was thanked for. */
  readonly commands = new Set<number>();
  /** temporal.api.enums.v1.EventType of what stands in the histories at the end. */
  readonly events = new Set<number>();

  add({ rpcs, commands, events }: MixLists): void {
    for (const rpc of rpcs) this.rpcs.add(rpc);
    for (const command of commands) this.commands.add(command);
    for (const event of events) this.events.add(event);
  }

  toJSON(): MixLists {
    return { rpcs: [...this.rpcs], commands: [...this.commands], events: [...this.events] };
  }
}

/** The same on its way to another process. */
export interface MixLists {
  readonly rpcs: Iterable<RpcName>;
  readonly commands: Iterable<number>;
  readonly events: Iterable<number>;
}
