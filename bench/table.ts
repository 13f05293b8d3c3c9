/** Prints what was measured: one block a step, one line a server. */
import type { Figures } from './load.ts';

export interface Row {
  step: string;
  target: string;
  figures: Figures;
}

const columns = [
  'requests/s',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'server ms',
  'postgres ms',
  'CPU ms',
  'x floor',
  'x frozen',
  'refused',
];

export const cpu = ({ server, postgres }: Figures): number => server + postgres;

function ratio(rows: Row[], row: Row, base: string): string {
  const floor = rows.find((one) => one.step === row.step && one.target === base);
  return floor && floor !== row && cpu(floor.figures) > 0
    ? (cpu(row.figures) / cpu(floor.figures)).toFixed(2)
    : '';
}

/** CPU columns are ms of processor time per request (per entry in a transaction). */
export function table(rows: Row[]): string {
  const width = Math.max(...rows.map(({ target }) => target.length)) + 2;
  const lines = [''.padEnd(width) + columns.map((name) => name.padStart(12)).join('')];
  for (const step of new Set(rows.map((row) => row.step))) {
    lines.push(step);
    for (const row of rows.filter((one) => one.step === step)) {
      const { figures: f } = row;
      const cells = [
        f.perSecond.toFixed(0),
        ...[f.p50, f.p95, f.p99].map((ms) => ms.toFixed(1)),
        ...[f.server, f.postgres, cpu(f)].map((ms) => ms.toFixed(3)),
        ratio(rows, row, 'floor'),
        ratio(rows, row, 'frozen floor'),
        f.refused ? `${f.refused}/${f.requests}` : '',
      ];
      lines.push(`  ${row.target}`.padEnd(width) + cells.map((cell) => cell.padStart(12)).join(''));
    }
  }
  const refusals = new Map(
    rows.flatMap(({ step, target, figures }) =>
      figures.why ? [[`${target}, ${step}`, figures.why] as const] : [],
    ),
  );
  for (const [where, why] of refusals) lines.push(`refused (${where}): ${why}`);
  return lines.join('\n');
}
