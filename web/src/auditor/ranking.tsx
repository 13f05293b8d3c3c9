/** Who or what comes up most, as bars that are also buttons: one press narrows the trail. */
import { UnstyledButton } from '@mantine/core';
import { useReader } from '../shell/session.ts';
import classes from './auditor.module.css';

export interface Ranked {
  key: string;
  label: string;
  detail?: string;
  count: number;
}

interface Props {
  title: string;
  rows: Ranked[];
  chosen?: string;
  onChoose: (key: string | undefined) => void;
  /** Rows shown; the rest is in the trail. */
  most?: number;
}

export function Ranking({ title, rows, chosen, onChoose, most = 6 }: Props) {
  const { locale } = useReader();
  const top = Math.max(1, ...rows.map((row) => row.count));
  return (
    <section className={classes.card}>
      <h2 className={classes.cardTitle}>{title}</h2>
      <ul className={classes.ranking}>
        {rows.slice(0, most).map((row) => (
          <li key={row.key}>
            <UnstyledButton
              className={classes.ranked}
              aria-pressed={chosen === row.key}
              onClick={() => onChoose(chosen === row.key ? undefined : row.key)}
            >
              <span className={classes.rankedName}>
                {row.label}
                {row.detail && <small>{row.detail}</small>}
              </span>
              <span className="afar-figures">
                {new Intl.NumberFormat(locale).format(row.count)}
              </span>
              <svg
                className={classes.rankedBar}
                viewBox="0 0 100 4"
                preserveAspectRatio="none"
                aria-hidden="true"
              >
                <rect width={(row.count / top) * 100} height={4} rx={2} />
              </svg>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
