/** `npm start`: prepares the clone, then runs the server under the pinned Node, passing signals on. */
import { node24, prepare } from './prepare.mjs';
import { run } from './run.mjs';

await prepare();
// The server ends itself when this process is gone: it must not outlive a `kill -9` of its starter.
const env = { AFAR_STARTER_PID: String(process.pid), NODE_ENV: 'production' };
process.exit(await run(node24(), ['server/main.ts', ...process.argv.slice(2)], { env }));
