/** The patient is told that the visit goes on by telephone, and at which number of hers. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Patient } from '@afar/fhir';
import type { VisitView } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { useMe } from '../../../shell/session.ts';
import type { VisitLink } from '../../link.ts';
import { Ask } from '../ask.tsx';

async function ownNumber(visitId: string, own: string | undefined): Promise<string | undefined> {
  // Who speaks for somebody else is called where that one is called.
  const { patient } = await api.get<VisitView>(`/api/visits/${visitId}`);
  const id = patient?.id ?? own;
  if (!id) return undefined;
  const { telecom = [] } = await api.get<Patient>(`/fhir/R4/Patient/${id}`);
  const phones = telecom.filter(
    ({ system, value, use }) => system === 'phone' && value && use !== 'old',
  );
  return (phones.find(({ use }) => use === 'mobile') ?? phones[0])?.value;
}

export function PhoneTold(props: { visitId: string; link: VisitLink; name: string }) {
  const { visitId, link, name } = props;
  const { t } = useTranslation('panels');
  const me = useMe();
  const own = me.fhirUser?.type === 'Patient' ? me.fhirUser.id : undefined;
  const [told, setTold] = useState<string>();
  const [understood, setUnderstood] = useState<string>();
  const shown = told !== understood;
  const number = useQuery({
    queryKey: ['own-number', visitId],
    queryFn: async () => (await ownNumber(visitId, own)) ?? null,
    enabled: shown,
  });
  useEffect(
    () =>
      link.onRoom((event) => {
        if (event.type === 'phone') setTold(event.at);
      }),
    [link],
  );
  if (!shown) return null;
  return (
    <Ask
      key={told}
      testid="phone-told"
      title={t('phone.toldTitle', { name })}
      deeds={<Button onClick={() => setUnderstood(told)}>{t('phone.understood')}</Button>}
    >
      <p>
        {number.data ? (
          <>
            {t('phone.yourNumber')} <bdi>{number.data}</bdi>
          </>
        ) : (
          number.data === null && t('phone.noNumberOfYours')
        )}
      </p>
      <p>{t('phone.keepNear')}</p>
    </Ask>
  );
}
