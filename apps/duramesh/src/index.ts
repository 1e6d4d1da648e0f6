export { type RunningServer, runServer } from './run-server.ts';
