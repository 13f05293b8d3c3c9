/** A small chart of values over time, drawn by uPlot in the theme's colours; its data is also said in words. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { dateTicks } from './date-ticks.ts';
import classes from './line-chart.module.css';

export interface ChartSeries {
  label: string;
  /** Instant (ms) and value, ascending by instant. */
  points: [at: number, value: number][];
}

interface Props {
  series: ChartSeries[];
  /** What a screen reader says for the whole picture. */
  label: string;
  locale: string;
  height?: number;
}

const strokes = ['--mantine-color-lagoon-5', '--mantine-color-ember-5', '--mantine-color-stone-5'];

/** uPlot wants one shared axis of time: instants of all series, with holes where a series has no value. */
export function aligned(series: ChartSeries[]): uPlot.AlignedData {
  const instants = [...new Set(series.flatMap((one) => one.points.map(([at]) => at)))].toSorted(
    (one, other) => one - other,
  );
  const columns = series.map((one) => {
    const values = new Map(one.points);
    return instants.map((at) => values.get(at));
  });
  return [instants.map((at) => at / 1000), ...columns];
}

export function LineChart({ series, label, locale, height = 140 }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const colour = (name: string): string =>
      getComputedStyle(element).getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--mantine-color-dimmed'),
      font: "12px 'Figtree Variable', system-ui, sans-serif",
      ticks: { show: false },
    };
    const chart = new uPlot(
      {
        width: element.clientWidth || 280,
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 8 } },
        padding: [8, 8, 0, 0],
        scales: { x: { time: true }, y: { range: (_chart, low, high) => roomy(low, high) } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 26,
            splits: (chart, _axis, from, to) =>
              dateTicks(
                from * 1000,
                to * 1000,
                chart.bbox.width / devicePixelRatio / 72,
                locale,
              ).map(({ at }) => at / 1000),
            values: (chart, ticks) => {
              const { min, max } = chart.scales['x']!;
              const room = chart.bbox.width / devicePixelRatio / 72;
              const words = new Map(
                dateTicks(min! * 1000, max! * 1000, room, locale).map((one) => [one.at, one.text]),
              );
              return ticks.map((tick) => words.get(Math.round(tick * 1000)) ?? '');
            },
          },
          { ...axis, size: 40, space: 22, grid: { stroke: colour('--afar-line'), width: 1 } },
        ],
        series: [
          {},
          ...series.map((one, at) => ({
            label: one.label,
            stroke: colour(strokes[at % strokes.length]!),
            width: 2,
            spanGaps: true,
            // Many points would hide the line they lie on.
            points: { show: one.points.length <= 24, size: 5, fill: colour('--afar-surface') },
          })),
        ],
      },
      aligned(series),
      element,
    );
    const resized = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth || 280, height }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [series, locale, height, scheme]);

  return <div ref={box} className={classes.chart} role="img" aria-label={label} />;
}

/** A tenth of room above and below; a flat line gets room as well. */
function roomy(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.1;
  return [low - room, high + room];
}
