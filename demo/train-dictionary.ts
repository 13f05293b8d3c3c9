/** Trains the compression dictionary of sealed bodies on the demo's charts: `node demo/train-dictionary.ts [KiB]`. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoClinic } from './demo-clinic.ts';
import { words } from './dictionary-words.ts';

// Chosen by figures: docs/decisions/0002-encryption-and-index.md. Deflate looks back 32 KiB at most, and indexes the
// whole dictionary at every call: half of the time of a seal goes there.
const size = Number(process.argv[2] ?? 8) * 1024;

/** Letters compared at a time, and letters taken at a time. Shorter pieces find more, longer ones cost less. */
const gram = 8;
const segment = 32;

/** A resource as it is stored: what the store adds stands in it too. */
function samples(): { text: string; chart: number }[] {
  const found: { text: string; chart: number }[] = [];
  for (const seed of [1, 2, 3]) {
    const { bundles } = demoClinic(Date.UTC(2026, 10, 21), seed);
    for (const [chart, bundle] of bundles.entries())
      for (const { resource } of bundle.entry!) {
        const meta = { versionId: '1', lastUpdated: '2026-11-21T18:00:00.000Z' };
        const { resourceType, id, ...rest } = resource!;
        found.push({ text: JSON.stringify({ resourceType, id, meta, ...rest }), chart });
      }
  }
  return found;
}

/**
 * How many charts each gram occurs in, times how often: what is in one chart only is somebody's own business and does
 * not belong into a dictionary.
 */
function weigh(texts: { text: string; chart: number }[]): Map<string, number> {
  const counts = new Map<string, { times: number; charts: Set<number> }>();
  for (const { text, chart } of texts) {
    const here = new Set<string>();
    for (let at = 0; at + gram <= text.length; at++) here.add(text.slice(at, at + gram));
    for (const one of here) {
      let count = counts.get(one);
      if (!count) counts.set(one, (count = { times: 0, charts: new Set() }));
      count.times++;
      count.charts.add(chart);
    }
  }
  const weights = new Map<string, number>();
  for (const [one, { times, charts }] of counts) if (charts.size >= 3) weights.set(one, times);
  return weights;
}

/** Takes the segment that covers most of what is not covered yet, again and again. [COVER, Liao et al. 2016] */
function choose(texts: { text: string }[], weights: Map<string, number>, room: number): string[] {
  const chosen: { text: string; gain: number }[] = [];
  const rest = new Map(weights);
  const gain = (text: string) => {
    let sum = 0;
    for (let at = 0; at + gram <= text.length; at++)
      sum += rest.get(text.slice(at, at + gram)) ?? 0;
    return sum;
  };
  // One text of each shape is enough to pick from; the weights know how common each is.
  const seen = new Set<string>();
  const pool = texts.flatMap(({ text }) => {
    const pieces: string[] = [];
    for (let at = 0; at < text.length; at += segment / 2) {
      const piece = text.slice(at, at + segment);
      if (piece.length < gram || seen.has(piece)) continue;
      seen.add(piece);
      pieces.push(piece);
    }
    return pieces;
  });
  let candidates = pool.map((text) => ({ text, gain: gain(text) })).filter((one) => one.gain > 0);
  for (let used = 0; used < room && candidates.length > 0;) {
    candidates.sort((a, b) => b.gain - a.gain);
    // Gains only fall: the first whose gain is still the best need not wait for the others to be counted anew.
    let index = 0;
    for (;;) {
      const top = candidates[index]!;
      top.gain = gain(top.text);
      if (index + 1 >= candidates.length || top.gain >= candidates[index + 1]!.gain) break;
      index++;
    }
    const best = candidates.slice(0, index + 1).reduce((a, b) => (b.gain > a.gain ? b : a));
    if (best.gain <= 0) break;
    chosen.push({ text: best.text, gain: best.gain });
    used += best.text.length;
    for (let at = 0; at + gram <= best.text.length; at++)
      rest.delete(best.text.slice(at, at + gram));
    candidates = candidates.filter((one) => one !== best && one.gain > 0);
  }
  // The most common last: near things cost fewer bits to point at.
  return chosen.sort((a, b) => a.gain - b.gain).map((one) => one.text);
}

const texts = samples();
const base = Buffer.from(words).subarray(0, size / 4);
const trained = Buffer.from(choose(texts, weigh(texts), size - base.length).join(''));
const content = Buffer.concat([base, trained]).subarray(-size);
const name = createHash('sha256').update(content).digest('hex').slice(0, 16);
const folder = process.argv[3] ?? join(import.meta.dirname, '../platform/seal/dictionaries');
writeFileSync(join(folder, `${name}.dict`), content);
writeFileSync(join(folder, 'current'), `${name}\n`);
process.stdout.write(`${name}: ${content.length} bytes from ${texts.length} resources\n`);
