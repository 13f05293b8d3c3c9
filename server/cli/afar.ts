/** `npm run afar -- <command>`: what an operator does from the terminal. */
import { takeTenant } from './chosen-tenant.ts';
import type { Config } from '../config.ts';

// Settings and each command's code are loaded when they are asked for: the help needs none of the rooms.
interface Command {
  usage: string;
  about: string;
  run(config: Config, args: string[]): Promise<number>;
}

const commands: Record<string, Command> = {
  import: {
    usage: 'import FILE...',
    about: 'load FHIR bundles or ndjson files; run it again to go on where it ended',
    run: async (...given) => (await import('./import.ts')).importCommand(...given),
  },
  status: {
    usage: 'status',
    about: 'what runs, which migrations the database has',
    run: async (config) => (await import('./database.ts')).statusCommand(config),
  },
  migrate: {
    usage: 'migrate',
    about: 'bring the database up to this version (a start does it too)',
    run: async (config) => (await import('./database.ts')).migrateCommand(config),
  },
  'load-package': {
    usage: 'load-package FILE',
    about: 'load profiles and other definitions from FHIR packages (.tgz)',
    run: async (...given) => (await import('./load-package.ts')).loadPackageCommand(...given),
  },
  terminology: {
    usage: 'terminology load',
    about: 'load LOINC, SNOMED CT, RxNorm, ICD-10 or a table of your own; also: list, remove',
    run: async (...given) => (await import('./terminology.ts')).terminologyCommand(...given),
  },
  user: {
    usage: 'user create',
    about: 'make an account of staff (--role --email --name); prints its password and key once',
    run: async (config, args) => (await import('./user.ts')).userCommand(config, args),
  },
  tenant: {
    usage: 'tenant create',
    about: 'make a clinic of its own (--name --host); also: list, suspend, resume',
    run: async (...given) => (await import('./tenant.ts')).tenantCommand(...given),
  },
  approvals: {
    usage: 'approvals',
    about: 'what waits for a second person; approve ID or refuse ID decides as the operator',
    run: async (...given) => (await import('./approvals.ts')).approvalsCommand(...given),
  },
  keys: {
    usage: 'keys status',
    about: 'the keys, and what is due; also: rotate, erase, backup, restore',
    run: async (...given) => (await import('./keys.ts')).keysCommand(...given),
  },
  passwords: {
    usage: 'passwords load FILE',
    about: 'refuse the passwords of a list (SHA-1 hashes in order, as Pwned Passwords) from now on',
    run: async (...given) => (await import('./passwords.ts')).passwordsCommand(...given),
  },
  outbox: {
    usage: 'outbox',
    about: 'messages of the demo, and those that could not be delivered',
    run: async (...given) => (await import('./outbox.ts')).outboxCommand(...given),
  },
  lockdown: {
    usage: 'lockdown on|off',
    about: 'make a clinic, or everything, read-only or closed at once; two people lift it; status',
    run: async (...given) => (await import('./lockdown.ts')).lockdownCommand(...given),
  },
  audit: {
    usage: 'audit verify|export|drop',
    about: 'check every event and link of the audit trail; names each bad entry and exits 1',
    run: async (...given) => (await import('./audit.ts')).auditCommand(...given),
  },
  'leak-scan': {
    usage: 'leak-scan [FILE...]',
    about: "search every table and file for the demo's patients, and those of the given bundles",
    run: async (...given) => (await import('./leak-scan.ts')).leakScanCommand(...given),
  },
  config: {
    usage: 'config',
    about: 'the settings in force, without secrets',
    run: async (config) => {
      const { shownConfig } = await import('../config.ts');
      console.log(JSON.stringify(shownConfig(config), null, 2));
      return 0;
    },
  },
};

function help(): void {
  console.log('npm run afar -- <command>\n');
  for (const { usage, about } of Object.values(commands))
    console.log(`  ${usage.padEnd(19)} ${about}`);
  console.log(
    '\nEvery command takes --tenant N, the number of the clinic it works on; without it the first.',
  );
}

async function main([name = 'help', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    help();
    return name === 'help' ? 0 : 2;
  }
  const { ConfigFaults, loadConfig } = await import('../config.ts');
  try {
    return await command.run(loadConfig(process.env), takeTenant(args));
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    console.error(error.message);
    return 1;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`afar: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
