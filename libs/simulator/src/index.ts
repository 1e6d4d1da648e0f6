export { checkStored } from './checks.ts';
export { Dice } from './dice.ts';
export { CALM, type FaultRates } from './faults.ts';
export { ProcessClock } from './process-clock.ts';
export { simulate, type SimulationOptions, type SimulationReport } from './simulate.ts';
