/** Nobody at the desk: says a minute before that the session will end, and ends it when nobody answers. */
import { Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me } from '@afar/access/contract';
import { api, watch } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { desk, type DeskState } from './desk.ts';
import { meQuery, sessionEnded, useSession } from './session.ts';

export function IdleWatch({ me }: { me: Me }) {
  const { t } = useTranslation('sign-in');
  const client = useQueryClient();
  const navigate = useNavigate();
  const { signOut } = useSession();
  const [state, setState] = useState<DeskState>({ at: 'busy' });
  const [understood, setUnderstood] = useState(false);
  const { idleMinutes, expiresAt } = me;

  useEffect(() => {
    const here = desk({
      idleMs: idleMinutes * 60_000,
      expiresAt,
      // Whoever types for long without a word to the server is there all the same.
      ping: () => void client.refetchQueries({ queryKey: meQuery.queryKey }),
      changed: setState,
    });
    watch.answered = here.answered;
    return () => {
      watch.answered = undefined;
      here.stop();
    };
  }, [client, idleMinutes, expiresAt]);

  const over = state.at === 'over';
  useEffect(() => {
    if (!over) return;
    void api
      .post('/auth/sign-out')
      .catch(() => undefined)
      .then(() => {
        sessionEnded(client);
        return navigate({ to: '/sign-in', search: { next: location.pathname } });
      });
  }, [over, client, navigate]);

  if (state.at === 'idle')
    return (
      <Dialog
        opened
        onClose={state.stay}
        title={t('idle.title')}
        zIndex={500}
        data-testid="idle-warning"
      >
        {/* Said once, not every second. */}
        <Text aria-live="off">{t('idle.text', { count: state.seconds })}</Text>
        <Group justify="flex-end" mt="lg">
          <Button
            variant="default"
            onClick={() => void signOut().then(() => navigate({ to: '/sign-in' }))}
          >
            {t('idle.leave')}
          </Button>
          <Button onClick={state.stay} data-autofocus>
            {t('idle.stay')}
          </Button>
        </Group>
      </Dialog>
    );
  if (state.at === 'ending' && !understood)
    return (
      <Dialog opened onClose={() => setUnderstood(true)} title={t('idle.endTitle')} zIndex={500}>
        <Text aria-live="off">{t('idle.endText', { count: state.seconds })}</Text>
        <Group justify="flex-end" mt="lg">
          <Button onClick={() => setUnderstood(true)} data-autofocus>
            {t('idle.understood')}
          </Button>
        </Group>
      </Dialog>
    );
  return null;
}
