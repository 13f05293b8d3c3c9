/** The product without its trail, for bench/access.ts alone: no setting leads here. */
import { compose } from '../server/compose.ts';
import { loadConfig } from '../server/config.ts';
import { openLog } from '../server/open-log.ts';

const config = loadConfig(process.env);
const log = openLog(config);
const app = await compose(config, log, { unaudited: true });
await app.listen();
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
