export { checkStored } from './checks/check-stored.ts';
export { CALM, type FaultRates } from './faults.ts';
export { Mix, type MixLists } from './mix.ts';
export { ProcessClock } from './process-clock.ts';
export { simulate, type SimulationOptions, type SimulationReport } from './simulate.ts';
