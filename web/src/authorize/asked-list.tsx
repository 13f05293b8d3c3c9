/** The lines of a request, each to be taken or left: first the one record, then everything else she may see. */
import { Checkbox, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useId } from 'react';
import type { Line } from './asked-lines.ts';
import classes from './authorize.module.css';

const categories = [
  'vital-signs',
  'laboratory',
  'imaging',
  'social-history',
  'survey',
  'exam',
  'procedure',
  'activity',
  'therapy',
] as const;
type Category = (typeof categories)[number];

interface Props {
  lines: Line[];
  reach: Line['reach'];
  ticked: ReadonlySet<string>;
  onTick: (ids: string[], on: boolean) => void;
}

export function AskedList({ lines: all, reach, ticked, onTick }: Props) {
  const { t } = useTranslation('authorize');
  const heading = useId();
  const lines = all.filter((line) => line.reach === reach);
  if (lines.length === 0) return null;
  const ids = lines.map((line) => line.id);
  const count = ids.filter((id) => ticked.has(id)).length;

  const narrowed = (only: string[]): string =>
    only
      .map((code) =>
        (categories as readonly string[]).includes(code) ? t(`category.${code as Category}`) : code,
      )
      .join(', ');
  const label = ({ kind, type, only }: Line): string => {
    const name = kind === 'other' ? t('kind.other', { type: type ?? '' }) : t(`kind.${kind}`);
    return only.length > 0 ? `${name}: ${narrowed(only)}` : name;
  };

  return (
    <section className={classes.part} aria-labelledby={heading}>
      <div className={classes.head}>
        <h2 id={heading} className={classes.heading}>
          {t(`reach.${reach}`)}
        </h2>
        {lines.length > 2 && (
          <Checkbox
            label={t('all')}
            checked={count === ids.length}
            indeterminate={count > 0 && count < ids.length}
            onChange={(event) => onTick(ids, event.currentTarget.checked)}
          />
        )}
      </div>
      <Stack gap={0} role="group" aria-labelledby={heading}>
        {lines.map((line) => (
          <Checkbox
            key={line.id}
            className={classes.line!}
            size="md"
            label={label(line)}
            description={t(`act.${line.act}`)}
            data-act={line.act}
            checked={ticked.has(line.id)}
            onChange={(event) => onTick([line.id], event.currentTarget.checked)}
          />
        ))}
      </Stack>
    </section>
  );
}
