/** The patient is asked about each guest the clinician would let in; without her yes nobody comes. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { GuestView } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import type { VisitLink } from '../link.ts';
import classes from './group.module.css';
import { guestsKey, useGuests } from './use-guests.ts';

export function GuestQuestion({ visitId, link }: { visitId: string; link: VisitLink }) {
  const { t } = useTranslation('group');
  const client = useQueryClient();
  const { guests } = useGuests(visitId, link, true);
  const answer = useMutation({
    mutationFn: ({ id, agree }: { id: string; agree: boolean }) =>
      api.post<GuestView>(`/api/visits/${visitId}/guests/${id}/answer`, { agree }),
    onSettled: () => client.invalidateQueries({ queryKey: guestsKey(visitId) }),
  });
  const asked = guests.find((guest) => guest.state === 'asking');
  if (!asked) return null;
  const say = (agree: boolean) => () => answer.mutate({ id: asked.id, agree });
  return (
    <div role="alert" className={classes.asked} data-testid="guest-question">
      <span>{t('question', { name: asked.name, role: t(`role.${asked.kind}`) })}</span>
      <Button size="sm" loading={answer.isPending} onClick={say(true)} data-testid="guest-agree">
        {t('agree')}
      </Button>
      <Button size="sm" variant="default" disabled={answer.isPending} onClick={say(false)}>
        {t('disagree')}
      </Button>
      {answer.isError && <span>{t('notSaid')}</span>}
    </div>
  );
}
