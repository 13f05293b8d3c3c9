/** The patient is asked about somebody new: who, and as what. Her no keeps her out. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { GuestView } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { guestsKey, useGuestList } from '../../group/use-guests.ts';
import type { VisitLink } from '../../link.ts';
import { Ask } from '../ask.tsx';

export function GuestQuestion({ visitId, link }: { visitId: string; link: VisitLink }) {
  const { t } = useTranslation(['panels', 'group']);
  const client = useQueryClient();
  const list = useGuestList(visitId, link, true);
  const answer = useMutation({
    mutationFn: ({ id, agree }: { id: string; agree: boolean }) =>
      api.post<GuestView>(`/api/visits/${visitId}/guests/${id}/answer`, { agree }),
    onSettled: () => client.invalidateQueries({ queryKey: guestsKey(visitId) as string[] }),
  });
  const asked = list.data?.guests.find((guest) => guest.state === 'asking');
  if (!asked) return null;
  const say = (agree: boolean) => () => answer.mutate({ id: asked.id, agree });
  return (
    <Ask
      key={asked.id}
      testid="guest-question"
      title={t('group:question', { name: asked.name, role: t(`group:role.${asked.kind}`) })}
      deeds={
        <>
          <Button loading={answer.isPending} onClick={say(true)} data-testid="guest-agree">
            {t('group:agree')}
          </Button>
          <Button
            variant="default"
            disabled={answer.isPending}
            onClick={say(false)}
            data-testid="guest-disagree"
          >
            {t('group:disagree')}
          </Button>
        </>
      }
    >
      <p>{t(`people.about.${asked.kind}`)}</p>
      {answer.isError && <p role="alert">{t('group:notSaid')}</p>}
    </Ask>
  );
}
