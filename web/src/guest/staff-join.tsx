/** A colleague, observer or supervisor who is signed in here may be in the visit as herself, by her own name. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { GuestVisit } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { Trouble } from '../kit/trouble.tsx';
import { meQuery } from '../shell/session.ts';
import classes from './guest.module.css';

const staffKinds: readonly GuestVisit['kind'][] = ['colleague', 'observer', 'supervisor'];

export function StaffJoin({ visit }: { visit: GuestVisit }) {
  const { t } = useTranslation('panels');
  const client = useQueryClient();
  const fits = staffKinds.includes(visit.kind) && visit.state === 'waiting' && !visit.signedIn;
  const me = useQuery({ ...meQuery, enabled: fits });
  const join = useMutation({
    mutationFn: () => api.post<GuestVisit>('/api/visit-guest/sign-in'),
    onSuccess: (now) => client.setQueryData(['visit-guest'], now),
  });
  if (!fits || me.data?.fhirUser?.type !== 'Practitioner') return null;
  const { name } = me.data;
  return (
    <div className={classes.check}>
      <p>{t('door.staff', { name })}</p>
      <p className={classes.soft}>{t('door.staffText')}</p>
      {join.isError && <Trouble error={join.error} />}
      <Button
        variant="default"
        loading={join.isPending}
        onClick={() => join.mutate()}
        data-testid="join-as-staff"
      >
        {t('door.staffJoin', { name })}
      </Button>
    </div>
  );
}
