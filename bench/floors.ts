/** Our floor and the frozen one, each with an embedded PostgreSQL of its own, set up like the product's. */
import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLog, databaseUrl, startCluster, type Cluster } from '@afar/platform';
import pg from 'pg';
import type { Target } from './load.ts';
import { cpuOfTree, startProgram, untilAnswers } from './processes.ts';

/** The floor that never changes, where the checkout has it as a neighbour; ours is held to within 20 % of it. */
const frozen = resolve(import.meta.dirname, '../../shared/bench/floor.mjs');

export interface Floors {
  targets: Target[];
  stop(): Promise<void>;
}

/** @param folder a temporary folder that the database's user may enter */
export async function startFloors(folder: string, port: number): Promise<Floors> {
  const stops: (() => Promise<void>)[] = [];
  const targets: Target[] = [];
  const add = async (name: string, file: string, at: number): Promise<void> => {
    const place = join(folder, name.replace(' ', '-'));
    mkdirSync(place, { recursive: true, mode: 0o711 });
    const cluster = await startCluster({
      folder: join(place, 'database'),
      adminPassword: 'floor',
      log: createLog({ level: 'silent' }),
    });
    stops.push(() => cluster.stop());
    const env = { DATABASE_URL: await newDatabase(cluster, 'floor'), PORT: String(at) };
    const program = startProgram([file], env, join(place, 'server.log'));
    stops.push(() => program.stop());
    const base = `http://127.0.0.1:${at}/fhir`;
    // The tables are there by the time it listens.
    await untilAnswers(`${base}/Patient?name=nobody`, program);
    targets.push({
      name,
      base,
      headers: {},
      cpu: () => ({ server: cpuOfTree(program.pid), postgres: cpuOfTree(cluster.pid) }),
    });
  };
  const stop = async (): Promise<void> => {
    for (const one of stops.toReversed()) await one();
  };
  try {
    await add('floor', join(import.meta.dirname, 'floor.ts'), port);
    if (existsSync(frozen)) await add('frozen floor', beside(frozen, folder), port + 1);
  } catch (error) {
    await stop();
    throw error;
  }
  return { targets, stop };
}

/** A copy that finds `pg` in this checkout: the file itself stands where it cannot. */
function beside(file: string, folder: string): string {
  const place = join(folder, 'frozen');
  mkdirSync(place, { recursive: true });
  symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(place, 'node_modules'));
  copyFileSync(file, join(place, 'floor.mjs'));
  return join(place, 'floor.mjs');
}

async function newDatabase(cluster: Cluster, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.adminUrl });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return databaseUrl(cluster.adminUrl, { database: name });
}
