/** The way is too bad: the clinician goes on by telephone, or calls somebody back whose call broke off. */
import { Anchor, Button, Radio } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconPhone } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OnPhone, PhoneRequest } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { Trouble } from '../../../kit/trouble.tsx';
import classes from '../panels.module.css';
import { CallAgain } from './call-again.tsx';

const reasons = ['network', 'device', 'asked', 'other'] as const;

export function PhonePanel({ visitId, name }: { visitId: string; name: string }) {
  const { t } = useTranslation('panels');
  const [reason, setReason] = useState<PhoneRequest['reason']>('network');
  const phone = useMutation({
    mutationFn: () => api.post<OnPhone>(`/api/visits/${visitId}/phone`, { reason }),
  });
  const { data } = phone;
  return (
    <div className={classes.stack}>
      {data ? (
        <>
          <p role="status">{t('phone.told', { name })}</p>
          {data.numbers.length === 0 && <p>{t('phone.noNumber', { name })}</p>}
          <ul className={classes.list} data-testid="phone-numbers">
            {data.numbers.map(({ number, use }) => (
              <li key={`${use} ${number}`} className={classes.item}>
                <Anchor href={`tel:${number.replace(/[^+\d*#]/g, '')}`} fw={650}>
                  <IconPhone size={18} aria-hidden="true" /> <bdi>{number}</bdi>
                </Anchor>
                <span className={classes.soft}>
                  {use === 'mobile' || use === 'home' || use === 'work'
                    ? t(`phone.use.${use}`)
                    : null}
                </span>
              </li>
            ))}
          </ul>
          <p className={classes.soft}>{t('phone.stays')}</p>
        </>
      ) : (
        <>
          <p className={classes.soft}>{t('phone.about', { name })}</p>
          <Radio.Group
            label={t('phone.why')}
            value={reason}
            onChange={(value) => setReason(value as PhoneRequest['reason'])}
          >
            <div className={classes.stack}>
              {reasons.map((one) => (
                <Radio key={one} value={one} label={t(`phone.reason.${one}`)} size="md" />
              ))}
            </div>
          </Radio.Group>
          {phone.isError && <Trouble error={phone.error} />}
          <Button loading={phone.isPending} onClick={() => phone.mutate()} data-testid="go-phone">
            {t('phone.go')}
          </Button>
        </>
      )}
      <h3>{t('phone.again')}</h3>
      <p className={classes.soft}>{t('phone.againAbout', { name })}</p>
      <CallAgain visitId={visitId} name={name} />
    </div>
  );
}
