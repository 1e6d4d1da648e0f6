export * from './activities.ts';
export * from './families.ts';
export * from './messages.ts';
export * from './outcomes.ts';
export * from './orders.ts';
export * from './properties.ts';
export * from './visits.ts';
