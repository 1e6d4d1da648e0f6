export { CALM, type FaultRates } from './faults.ts';
export { simulate, type SimulationOptions, type SimulationReport } from './simulate.ts';
