/** `npm run afar -- <command>`: the operator's commands, under the pinned Node. */
import { node24, prepare } from './prepare.mjs';
import { run } from './run.mjs';

await prepare({ web: false });
process.exit(
  await run(node24(), ['server/cli/afar.ts', ...process.argv.slice(2)], {
    // Files on the command line are meant from where the user stands, not from the project's folder.
    env: { AFAR_CWD: process.env.INIT_CWD ?? process.cwd() },
  }),
);
