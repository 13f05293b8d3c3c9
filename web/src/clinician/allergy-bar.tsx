/** Allergies above everything else; "none recorded" and "not known to us" are different sentences. */
import { Badge } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AllergyIntolerance } from '@medplum/fhirtypes';
import { conceptText } from '../kit/fhir.ts';
import { Trouble } from '../kit/trouble.tsx';
import classes from './chart.module.css';
import type { Chart } from './chart-data.ts';

const current = (allergy: AllergyIntolerance): boolean =>
  !['resolved', 'inactive'].includes(allergy.clinicalStatus?.coding?.[0]?.code ?? '') &&
  !['refuted', 'entered-in-error'].includes(allergy.verificationStatus?.coding?.[0]?.code ?? '');

export function AllergyBar({ allergies }: { allergies: Chart['allergies'] }) {
  const { t } = useTranslation('clinician');
  // What could not be loaded must never look like "no allergies".
  if (allergies.isError)
    return <Trouble error={allergies.error} retry={() => void allergies.refetch()} />;
  const list = (allergies.data ?? []).filter(current);
  return (
    <section
      className={classes.allergies}
      data-any={list.length > 0 || undefined}
      aria-label={t('allergies.title')}
    >
      <IconAlertTriangle size={20} aria-hidden="true" />
      <b>{t('allergies.title')}</b>
      {allergies.isPending && <span>{t('allergies.loading')}</span>}
      {allergies.isSuccess && list.length === 0 && <span>{t('allergies.none')}</span>}
      <ul className={classes.allergyList}>
        {list.map((allergy) => {
          const reaction = allergy.reaction
            ?.flatMap((one) => one.manifestation.map(conceptText))
            .join(', ');
          return (
            <li key={allergy.id}>
              {conceptText(allergy.code)}
              {reaction && <small> {reaction}</small>}
              {allergy.criticality === 'high' && (
                <Badge color="brick" size="md" ms={6}>
                  {t('allergies.high')}
                </Badge>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
