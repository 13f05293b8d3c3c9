/**
 * Lets time pass for what everybody has shown of herself: every session's last proof becomes older than what a signature
 * accepts. A process of its own, `node e2e/age-proofs.ts <data folder>`: what it opens beside the product ends with it.
 */
import pg from 'pg';
import { createLog } from '@afar/platform';
import { loadConfig } from '../server/config.ts';
import { openDataFolder } from '../server/data-folder.ts';
import { openDatabase } from '../server/database.ts';

const data = process.argv[2]!;
const config = loadConfig({ AFAR_DATA: data, AFAR_MODE: 'demo' });
const { adminUrl } = await openDatabase(
  config,
  openDataFolder(data),
  createLog({ level: 'silent' }),
);
// The superuser, in the product's database: what follows reaches every tenant.
const db = new pg.Client({ connectionString: adminUrl.replace('/postgres?', '/afar?') });
await db.connect();
await db.query('update access.session set proven = proven - 600000');
await db.end();
process.exit(0);
