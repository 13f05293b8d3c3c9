/** Cost and size of a sealed body, by dictionary and codec: `node bench/seal.ts [dictionary...]` (Node 24). */
import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  randomFillSync,
  randomUUID,
} from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  constants,
  deflateRawSync,
  inflateRawSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import { demoClinic } from '@afar/demo';
import { aad, localKeyProvider, open, openKeyRing, seal, token } from '@afar/platform';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';

const folder = join(import.meta.dirname, '../platform/seal/dictionaries');
const files = process.argv.slice(2);
if (files.length === 0)
  files.push(join(folder, `${readFileSync(join(folder, 'current'), 'utf8').trim()}.dict`));

const demo = demoClinic(Date.UTC(2026, 10, 21), 99).bundles.flatMap((one) =>
  one.entry!.map((entry) => JSON.stringify(entry.resource)),
);
// Another generator's output, when it is there: a dictionary must not fit its own clinic alone.
const others = (process.env['FHIR_FOLDER'] ? readdirSync(process.env['FHIR_FOLDER']) : [])
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const text = readFileSync(join(process.env['FHIR_FOLDER']!, name), 'utf8');
    const { entry = [] } = JSON.parse(text) as { entry?: { resource: object }[] };
    return entry.map((one) => JSON.stringify(one.resource));
  })
  .filter((text) => text.length < 8_000)
  .filter((_, index) => index % 3 === 0);
const sets = { demo, others };

/** CPU of one call, best of eight rounds: what else runs on the machine only adds. */
function cpu<T>(items: T[], work: (item: T) => void): string {
  let best = Infinity;
  for (let round = 0; round < 8; round++) {
    const before = process.cpuUsage();
    for (const item of items) work(item);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / items.length);
  }
  return `${best.toFixed(1)} us`;
}
const mean = (numbers: number[]) => Math.round(numbers.reduce((a, b) => a + b, 0) / numbers.length);
const padded = (length: number) => Math.ceil((length + 5) / 128) * 128 + 53;

for (const [name, texts] of Object.entries(sets)) {
  if (texts.length === 0) continue;
  const bodies = texts.map((text) => Buffer.from(text));
  console.log(
    `\n${name}: ${bodies.length} resources, ${mean(bodies.map((one) => one.length))} bytes`,
  );
  console.log('codec              dictionary  packed  sealed  compress  expand');
  const row = (
    codec: string,
    size: number,
    pack: (b: Buffer) => Buffer,
    unpack: (b: Buffer) => Buffer,
  ) => {
    const done = bodies.map(pack);
    const lengths = done.map((one) => one.length);
    console.log(
      [
        codec.padEnd(18),
        String(size).padStart(10),
        String(mean(lengths)).padStart(7),
        String(mean(lengths.map(padded))).padStart(7),
        cpu(bodies, pack).padStart(9),
        cpu(done, unpack).padStart(9),
      ].join(' '),
    );
  };
  row(
    'deflate 6',
    0,
    (b) => deflateRawSync(b),
    (b) => inflateRawSync(b),
  );
  for (const file of files) {
    const dictionary = readFileSync(file);
    for (const [level, memLevel] of [
      [1, 8],
      [6, 7],
      [9, 8],
    ] as const)
      row(
        `deflate ${level} mem ${memLevel}`,
        dictionary.length,
        (b) => deflateRawSync(b, { dictionary, level, memLevel }),
        (b) => inflateRawSync(b, { dictionary }),
      );
    for (const level of [1, 3])
      row(
        `zstd ${level}`,
        dictionary.length,
        (b) =>
          zstdCompressSync(b, {
            dictionary,
            params: { [constants.ZSTD_c_compressionLevel]: level },
          }),
        (b) => zstdDecompressSync(b, { dictionary }),
      );
  }
}

const dir = mkdtempSync(join(tmpdir(), 'afar-bench-'));
const ring = await openKeyRing({
  dir,
  provider: localKeyProvider(dir),
  clock: { now: () => Date.now() },
});
const key = await ring.reserve(1);
const rid = randomUUID();
const place = () =>
  aad(1, 'Observation', rid, 3, 1, rid, Buffer.alloc(32), false, 1_700_000_000_000);
const bodies = demo.map((text) => Buffer.from(text));
const sealed = bodies.map((one) => seal(one, key, place()));
const two = randomBytes(2048);
console.log(`\nseal    ${cpu(bodies, (one) => seal(one, key, place()))}`);
console.log(`open    ${cpu(sealed, (one) => open(one, key, place()))}`);
console.log(`aad     ${cpu(bodies, () => place())}`);
console.log(`token   ${cpu(bodies, () => token(key.index, 'http://loinc.org', '8480-6'))}`);
console.log(`cached  ${cpu(bodies, () => ring.cached(1, key.kid))}`);
console.log(
  `AES-256-GCM of 2 KB, both ways ${cpu(bodies, () => {
    const nonce = randomFillSync(Buffer.allocUnsafe(12));
    const cipher = createCipheriv('aes-256-gcm', key.cipher, nonce);
    const text = cipher.update(two);
    cipher.final();
    const decipher = createDecipheriv('aes-256-gcm', key.cipher, nonce);
    decipher.setAuthTag(cipher.getAuthTag());
    decipher.update(text);
    decipher.final();
  })}`,
);
const before = process.cpuUsage();
for (let index = 0; index < 20_000; index++) await ring.reserve(1);
const { user, system } = process.cpuUsage(before);
console.log(`reserve ${((user + system) / 20_000).toFixed(1)} us, syncs included`);
ring.close();
