/** The link in a mail that ends such mail: one button, no sign-in, and nothing of anybody on the screen. */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { OptedOut } from '@afar/access/contract';
import { useAddressSecret } from '../../kit/address-secret.ts';
import { api, asApiError } from '../../kit/api.ts';
import { Page } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';

export function OptOutPage() {
  const { t } = useTranslation('notifications');
  const token = useAddressSecret();
  const ending = useMutation({
    mutationFn: () => api.post<OptedOut>('/api/opt-out', { token }),
  });
  const gone = token === '' || (ending.error && asApiError(ending.error).status === 404);
  return (
    <Page
      title={t('optOut.title')}
      width="narrow"
      lead={ending.data || gone ? undefined : t('optOut.lead')}
    >
      {ending.data && (
        <Notice tone="good" title={t('optOut.done')}>
          {t('optOut.doneText', {
            topic: t(`topic.${ending.data.topic}`),
            way: t(`way.${ending.data.way}`),
          })}
        </Notice>
      )}
      {gone && <Notice title={t('optOut.gone')}>{t('optOut.goneText')}</Notice>}
      {ending.error && !gone && <Trouble error={ending.error} />}
      {!ending.data && !gone && (
        <Button
          size="lg"
          loading={ending.isPending}
          onClick={() => ending.mutate()}
          data-testid="opt-out"
        >
          {t('optOut.end')}
        </Button>
      )}
    </Page>
  );
}
