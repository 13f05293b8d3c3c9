/** Who may see the record now: name, why, what, until when; and the way to keep each out. */
import { Badge, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ReachRow } from '@afar/sharing/contract';
import { Empty } from '../../kit/empty.tsx';
import { Pending, Section } from '../../kit/page.tsx';
import { shortDate } from '../../kit/time.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useReader } from '../../shell/session.ts';
import { shutsOut } from './consent-form.ts';
import { kindsOf } from './kinds.ts';
import { consentsQuery, reachQuery, type Someone } from './queries.ts';
import classes from './consents.module.css';

/** For her care and in her name is what everybody expects; anything else is said. */
const usual = new Set(['TREAT', 'ETREAT', 'PATRQT', 'FAMRQT']);

interface Props {
  patient: string;
  onKeepOut: (someone: Someone) => void;
}

export function WhoMaySee({ patient, onKeepOut }: Props) {
  const { t } = useTranslation('consents');
  const reach = useQuery(reachQuery(patient));
  const consents = useQuery(consentsQuery(patient));
  const now = useNow(60_000);
  const isShut = ({ reference }: ReachRow): boolean =>
    reference !== undefined && shutsOut(consents.data ?? [], reference, now);
  return (
    <Section title={t('now')}>
      {reach.isPending && <Pending rows={3} height={72} />}
      {reach.isError && <Trouble error={reach.error} retry={() => void reach.refetch()} />}
      {reach.data?.rows.length === 0 && <Empty text={t('nobody')} />}
      <ul className={classes.list} data-testid="who-may-see">
        {reach.data?.rows.map((row, index) => (
          <Row
            key={`${row.reference ?? ''}${row.reason}${index}`}
            row={row}
            shut={isShut(row)}
            onKeepOut={onKeepOut}
          />
        ))}
      </ul>
    </Section>
  );
}

interface RowProps {
  row: ReachRow;
  /** She has shut them out: nothing of what let them in opens anything. */
  shut: boolean;
  onKeepOut: Props['onKeepOut'];
}

function Row({ row, shut, onKeepOut }: RowProps) {
  const { t } = useTranslation('consents');
  const { zone, locale } = useReader();
  const { reference, purpose, types = [], single } = row;
  // Whoever holds a link has no account, and no name that anybody checked.
  const name = row.name || t(row.reason === 'link' ? 'linkHolder' : 'unnamed');
  const date = (at: string): string => shortDate(at, zone, locale);
  const { kinds, others } = kindsOf(types);
  const parts = [
    ...kinds.map((kind) => t(`kind.${kind}`)),
    ...others,
    ...(single ? [t('single', { count: single })] : []),
  ];
  const kind = /^(Organization|CareTeam)/.test(reference ?? '') ? 'organisation' : 'person';
  return (
    <li className={classes.row} data-testid="holder">
      <div className={classes.who}>
        <b>{name}</b>
        <small>
          {t(`reason.${row.reason}`)}
          {!usual.has(purpose) && `, ${purposeWords(t, purpose)}`}
          {row.starts && `, ${t('from', { date: date(row.starts) })}`}
          {', '}
          {row.ends ? t('until', { date: date(row.ends) }) : t('always')}
        </small>
        <span className={classes.parts}>
          {(parts.length > 0 ? parts : [t('whole')]).map((part) => (
            <Badge key={part} variant="light" color={parts.length > 0 ? 'gray' : 'lagoon'}>
              {part}
            </Badge>
          ))}
        </span>
      </div>
      {shut && (
        <Badge size="lg" color="ember" data-testid="shut">
          {t('shut')}
        </Badge>
      )}
      {reference && !shut && (
        <Button
          variant="default"
          size="sm"
          aria-label={`${t('keepOut')}: ${name}`}
          onClick={() => onKeepOut({ reference, name, kind })}
        >
          {t('keepOut')}
        </Button>
      )}
    </li>
  );
}

type T = ReturnType<typeof useTranslation<'consents'>>['t'];

function purposeWords(t: T, purpose: string): string {
  if (purpose === 'HRESCH' || purpose === 'HPAYMT') return t(`purpose.${purpose}`);
  return t('purpose.other', { code: purpose });
}
