import { fileURLToPath } from 'node:url';
import type { Config } from '@duramesh/config';
import type { Logger } from '@duramesh/runtime';
import { systemClock } from '@duramesh/runtime/system';
import { bannerFieldsOfKept, bannerOfKept } from '../banner.ts';
import { fail } from '../fail.ts';
import { explainStartFailure } from '../start-failure.ts';
import { staying } from '../staying.ts';
import { aborted, StopSignals } from '../stop-signals.ts';
import { type Kept, Keeper, ProcessFailed } from './keeper.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));

/** `duramesh start --processes N`: runs until a signal, then ends all in order. Exit codes are those of one process. */
export function keep(config: Config, args: readonly string[], logger: Logger): Promise<void> {
  const keeper = new Keeper({ config, program, args: ['start', ...args], clock: systemClock, logger });
  const { signal } = new StopSignals(logger, () => keeper.kill());
  return staying(async () => {
    let kept: Kept | undefined;
    try {
      kept = await Promise.race([keeper.start(), aborted(signal).then(() => undefined)]);
    } catch (error) {
      await keeper.stop();
      const explained = error instanceof ProcessFailed ? error.message : explainStartFailure(error, config);
      if (explained === undefined) throw error;
      return fail(explained, 1);
    }
    if (kept !== undefined) announce(kept, config, logger);
    await aborted(signal);
    await keeper.stop();
    logger.info({}, 'Stopped.');
    process.stdout.write('', () => process.exit(0));
  });
}

function announce(kept: Kept, config: Config, logger: Logger): void {
  const readyMs = Math.round(performance.now());
  if (config.logFormat === 'text') process.stdout.write(bannerOfKept(kept, config, readyMs));
  else logger.info(bannerFieldsOfKept(kept, config, readyMs), 'Duramesh is ready.');
}
