/** One person on one day: who she is, when she was there, why, and what she did. */
import { Badge, Button, Collapse } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconApps,
  IconShare,
  IconStethoscope,
  IconUser,
  IconUserHeart,
  type TablerIcon,
} from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReaderEntry } from '@afar/access/contract';
import { clockTime } from '../../kit/time.ts';
import { useReader } from '../../shell/session.ts';
import classes from './readers.module.css';
import { useReaderWords } from './words.ts';

const icons: Record<ReaderEntry['reader']['kind'], TablerIcon> = {
  you: IconUser,
  staff: IconStethoscope,
  proxy: IconUserHeart,
  app: IconApps,
  guest: IconShare,
};

/** Lines shown before she asks for the rest. */
const few = 3;

export function Entry({ entry, onDoubt }: { entry: ReaderEntry; onDoubt: () => void }) {
  const { t } = useTranslation('readers');
  const { zone, locale } = useReader();
  const words = useReaderWords();
  const [open, { toggle }] = useDisclosure(false);
  const rest = useId();
  const { reader, first, last } = entry;
  // Several kinds of request are one thing in her words.
  const done = Map.groupBy(entry.what, words.what);
  const what = [...done].map(([text, same]) => ({
    text,
    count: same.reduce((sum, one) => sum + one.count, 0),
  }));
  const Icon = icons[reader.kind];
  const from = clockTime(first, zone, locale);
  const to = clockTime(last, zone, locale);
  const line = ({ text, count }: { text: string; count: number }) => (
    <li key={text}>
      {text}
      {count > 1 && <span className={classes.times}>{t('times', { count })}</span>}
    </li>
  );
  return (
    <li className={classes.entry} data-emergency={entry.emergency || undefined}>
      <span className={classes.icon}>
        <Icon size={22} stroke={1.7} aria-hidden="true" />
      </span>
      <div className={classes.body}>
        <div className={classes.head}>
          <span className={classes.who}>
            {words.person(reader)}
            {words.role(reader) !== words.person(reader) && <small>{words.role(reader)}</small>}
          </span>
          {entry.emergency && <Badge color="ember">{t('emergency')}</Badge>}
          <span className={classes.when}>{from === to ? from : `${from} – ${to}`}</span>
        </div>
        <p className={classes.why}>
          {entry.purposes.map((code) => words.purpose(code)).join(', ')}
        </p>
        <ul className={classes.what}>{what.slice(0, few).map(line)}</ul>
        {what.length > few && (
          <Collapse expanded={open} id={rest}>
            <ul className={classes.what}>{what.slice(few).map(line)}</ul>
          </Collapse>
        )}
        <div className={classes.actions}>
          {what.length > few && (
            <Button
              variant="subtle"
              size="compact-md"
              onClick={toggle}
              aria-expanded={open}
              aria-controls={rest}
            >
              {t(open ? 'less' : 'all', { count: what.length })}
            </Button>
          )}
          {reader.kind !== 'you' && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-md"
              onClick={onDoubt}
              aria-label={t('doubtAbout', { who: words.person(reader) })}
            >
              {t('doubt')}
            </Button>
          )}
        </div>
      </div>
    </li>
  );
}
