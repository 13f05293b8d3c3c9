/** The door of the server: how tests and benchmarks put a whole one together. */
export { compose, type App, type Overrides } from './compose.ts';
export { ConfigFaults, loadConfig, type Config } from './config.ts';
export { rooms } from './database.ts';
export { openLog } from './open-log.ts';
