export {
  type Bus,
  type BusContext,
  BusFault,
  type BusFaultCode,
  type BusHandler,
  type RequestOptions,
  type ServeOptions,
  type Subscription,
} from './bus.ts';
