/** A time that became free, offered to her alone for a while: yes or no before the clock runs out. */
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AppointmentView, WaitlistOffer } from '@afar/visits/contract';
import { api, asApiError } from '../../kit/api.ts';
import { stopwatch, toMs } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { When } from '../../kit/when.tsx';
import classes from './waitlist.module.css';

interface Props {
  offer: WaitlistOffer;
  /** Her visit that would be given up for it. */
  instead: boolean;
}

export function OfferCard({ offer, instead }: Props) {
  const { t } = useTranslation('booking');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const now = useNow(1_000);
  const left = toMs(offer.expires) - now;
  const again = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['waitlist'] }),
      client.invalidateQueries({ queryKey: ['appointments'] }),
      client.invalidateQueries({ queryKey: ['visit'] }),
    ]);
  const accept = useMutation({
    mutationFn: () =>
      api.post<AppointmentView>(
        `/api/waitlist/offers/${offer.id}/accept`,
        {},
        {
          headers: { 'idempotency-key': offer.id },
        },
      ),
    onSuccess: async (visit) => {
      await again();
      notifications.show({
        message: t('offer.accepted'),
        color: 'moss',
        closeButtonProps: { 'aria-label': common('close') },
      });
      await navigate({ to: '/patient/visits/$visitId', params: { visitId: visit.id } });
    },
    onError: again,
  });
  const decline = useMutation({
    mutationFn: () => api.post(`/api/waitlist/offers/${offer.id}/decline`, {}),
    onSettled: again,
  });
  const over = left <= 0 || (accept.error && asApiError(accept.error).status === 409);
  if (over)
    return (
      <Notice tone="warm" title={t('offer.over')}>
        {t('offer.overText')}
      </Notice>
    );
  return (
    <section className={classes.offer} aria-labelledby={`offer-${offer.id}`} data-testid="offer">
      <h3 id={`offer-${offer.id}`} className={classes.offerTitle}>
        {t('offer.title')}
      </h3>
      <p className={classes.offerTime}>
        <When at={offer.start} clinicZone={offer.zone} />
        <span className={classes.soft}>{offer.clinician.name}</span>
      </p>
      <p className={classes.clock}>{t('offer.left', { time: stopwatch(left) })}</p>
      {instead && <p className={classes.soft}>{t('offer.instead')}</p>}
      {accept.error && <Trouble error={accept.error} />}
      <Group>
        <Button
          loading={accept.isPending}
          onClick={() => accept.mutate()}
          data-testid="accept-offer"
        >
          {t('offer.accept')}
        </Button>
        <Button
          variant="default"
          loading={decline.isPending}
          onClick={() => decline.mutate()}
          data-testid="decline-offer"
        >
          {t('offer.decline')}
        </Button>
      </Group>
    </section>
  );
}
