/** One figure of the line over the call, drawn by uPlot; minutes along the bottom. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import classes from './quality-panel.module.css';

interface Props {
  /** What a screen reader says for the whole picture; the table says the rest. */
  label: string;
  /** Instant (ms) and value, ascending. */
  points: [at: number, value: number][];
}

const height = 130;

const columnsOf = (points: Props['points']): uPlot.AlignedData => {
  const begin = points[0]?.[0] ?? 0;
  return [points.map(([at]) => (at - begin) / 60_000), points.map(([, value]) => value)];
};

export default function QualityChart({ label, points }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const element = box.current!;
    const colour = (name: string): string =>
      getComputedStyle(element).getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--mantine-color-dimmed'),
      font: "12px 'Figtree Variable', system-ui, sans-serif",
      ticks: { show: false },
    };
    const made = new uPlot(
      {
        width: element.clientWidth || 280,
        height,
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 8, 0, 0],
        scales: {
          x: { time: false },
          y: { range: (_chart, _low, high) => [0, (high || 1) * 1.1] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 26,
            values: (_chart, ticks) => ticks.map((at) => `${at} min`),
          },
          { ...axis, size: 44, space: 22, grid: { stroke: colour('--afar-line'), width: 1 } },
        ],
        series: [
          {},
          { stroke: colour('--mantine-color-lagoon-5'), width: 2, points: { show: false } },
        ],
      },
      [[], []],
      element,
    );
    chart.current = made;
    return () => {
      chart.current = undefined;
      made.destroy();
    };
  }, [scheme]);
  useEffect(() => chart.current?.setData(columnsOf(points)), [points, scheme]);
  return <div ref={box} className={classes.chart} role="img" aria-label={label} />;
}
