import { setTimeout as pause } from 'node:timers/promises';
import type { Mishap } from './mishap.ts';

/** A roll-out that stops half-way, goes on, is taken back half-way, and is completed: old and new speak to each other in all directions. */
export const oldAndNew: Mishap = {
  name: 'old and new processes work side by side',
  stage: 'old and new',
  recovers: 'from the strike',
  async strike({ stage, outageMs, say }) {
    const { processes } = stage.cluster;
    const [odd, even] = [0, 1].map((rest) => processes.filter((_, at) => at % 2 === rest));
    const roll = async (those = processes, to?: string): Promise<void> => {
      for (const server of those) {
        server.moveTo(to);
        say(`${server.name} is restarted from ${to === undefined ? 'this checkout' : stage.old.name}`);
        await server.restart('SIGTERM');
      }
    };
    await roll(odd);
    await pause(outageMs);
    await roll(even);
    await roll(even, stage.old.folder);
    await pause(outageMs);
    await roll(even);
  },
};
