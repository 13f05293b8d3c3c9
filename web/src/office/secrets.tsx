/** A new password and authenticator key, shown once: nobody can read them again. */
import { Button, CopyButton, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { NewUserSecrets } from '@afar/access/contract';
import { Qr } from '../kit/qr.tsx';
import { Notice } from '../kit/trouble.tsx';
import classes from './office.module.css';

export function Secrets({ secrets, onDone }: { secrets: NewUserSecrets; onDone: () => void }) {
  const { t } = useTranslation('office');
  const { t: common } = useTranslation();
  const { user, password, totpSecret, totpUri } = secrets;
  return (
    <Stack gap="lg">
      <Notice tone="warm" title={t('secrets.once')}>
        {t('secrets.text', { name: user.name })}
      </Notice>
      <Secret label={t('secrets.password')} value={password} />
      {totpSecret && (
        <div className={classes.factorSetup}>
          {totpUri && <Qr value={totpUri} label={t('secrets.qr')} />}
          <Stack gap="sm">
            <Text>{t('secrets.scan')}</Text>
            <Secret label={t('secrets.key')} value={totpSecret} />
          </Stack>
        </div>
      )}
      <Button onClick={onDone}>{common('done')}</Button>
    </Stack>
  );
}

function Secret({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation('office');
  return (
    <div className={classes.secret}>
      <span className={classes.soft}>{label}</span>
      <code className={classes.secretValue}>{value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            size="sm"
            onClick={copy}
            aria-label={t('secrets.copy', { what: label })}
            leftSection={
              copied ? (
                <IconCheck size={16} aria-hidden="true" />
              ) : (
                <IconCopy size={16} aria-hidden="true" />
              )
            }
          >
            {t(copied ? 'secrets.copied' : 'secrets.copyShort')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
