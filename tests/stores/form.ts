import process from 'node:process';

/** The long form takes minutes for each store; the short one is part of `npm test`. */
export const isLong = process.env['DURAMESH_STORES_FORM'] === 'long';

/** What chance decides in this run; printed, so that a run can be had again. */
export const seed = Number(process.env['DURAMESH_STORES_SEED'] ?? Date.now() % 1_000_000);
