/** The record a guest may see: its parts as lists, to read and to print. */
import { Button, Group } from '@mantine/core';
import { IconPrinter, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SharedView } from '@afar/sharing/contract';
import { asApiError } from '../kit/api.ts';
import { fhirDateText } from '../kit/fhir-date.ts';
import { Pending, Section } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import { useReader } from '../shell/session.ts';
import { lineOf } from './line.ts';
import { itemQuery, partQuery, parts, sharedQuery, type Part } from './queries.ts';
import classes from './shared.module.css';

const partsOf = ({ kinds = [] }: SharedView): Part[] => {
  const all = Object.keys(parts) as Part[];
  return kinds.includes('record') ? all : all.filter((part) => kinds.includes(part));
};

export function SharedRecord({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation('links');
  const { zone, locale } = useReader();
  const view = useQuery(sharedQuery);
  if (view.isPending) return <Pending rows={4} />;
  if (view.isError)
    return asApiError(view.error).status === 401 ? (
      <Notice tone="warm" title={t('guest.ended')}>
        {t('guest.endedText')}
      </Notice>
    ) : (
      <Trouble error={view.error} retry={() => void view.refetch()} />
    );
  const { patient, until, item } = view.data;
  return (
    <>
      <header className={classes.who}>
        <h2 className={classes.name} data-testid="shared-name">
          {t('guest.of', { name: patient.name, interpolation: { escapeValue: false } })}
        </h2>
        <p className={classes.soft}>
          {patient.birthDate && (
            <>{t('guest.born', { date: fhirDateText(patient.birthDate, zone, locale) })} · </>
          )}
          {t('guest.until')} <When at={until} />
        </p>
        <Group className={classes.tools} gap="sm">
          <Button
            variant="default"
            leftSection={<IconPrinter size={18} aria-hidden="true" />}
            onClick={() => window.print()}
          >
            {t('guest.print')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconX size={18} aria-hidden="true" />}
            onClick={onLeave}
          >
            {t('guest.leave')}
          </Button>
        </Group>
        <p className={classes.soft}>{t('guest.readOnly')}</p>
      </header>
      {item && <List title={t('oneItem')} query={itemQuery(item)} />}
      {partsOf(view.data).map((part) => (
        <List key={part} title={t(`kind.${part}`)} query={partQuery(part, patient.id)} />
      ))}
    </>
  );
}

interface ListProps {
  title: string;
  query: ReturnType<typeof partQuery>;
}

function List({ title, query }: ListProps) {
  const { t } = useTranslation('links');
  const { zone, locale } = useReader();
  const found = useQuery(query);
  const lines = (found.data ?? []).flatMap((one) => lineOf(one) ?? []);
  return (
    <Section title={title}>
      {found.isPending && <Pending rows={2} height={40} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && lines.length === 0 && (
        <p className={classes.soft}>{t('guest.nothing')}</p>
      )}
      {lines.length > 0 && (
        <ul className={classes.list}>
          {lines.map((line) => (
            <li key={line.id} className={classes.line}>
              <span className={classes.what}>
                {line.what}
                {line.more && <span className={classes.soft}> {line.more}</span>}
              </span>
              {line.when && (
                <span className={classes.soft}>{fhirDateText(line.when, zone, locale)}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
