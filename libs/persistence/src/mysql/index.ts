export { type MysqlStoreOptions, openMysqlStore } from './store.ts';
