import { invalidArgument } from '@duramesh/contracts';
import { parseCron } from '@duramesh/engine';

/** Refuses what is no cron schedule, and what never comes. */
export function requireCronSchedule(schedule: string | undefined): void {
  if (!schedule) return;
  const parsed = parseCron(schedule);
  if (!parsed) throw invalidArgument('invalid CronSchedule.');
  // From any moment on: whether a schedule ever comes does not depend on when it is asked.
  if (parsed.next(0) === undefined) {
    throw invalidArgument('invalid CronSchedule, no time can be found to satisfy the schedule');
  }
}
