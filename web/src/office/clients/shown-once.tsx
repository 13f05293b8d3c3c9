/** A secret that is shown this once: nobody can read it again. */
import { Button, CopyButton, Stack } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../kit/trouble.tsx';
import classes from './clients.module.css';

interface Props {
  values: { label: string; value: string }[];
  onDone: () => void;
}

export function ShownOnce({ values, onDone }: Props) {
  const { t } = useTranslation('clients');
  const { t: common } = useTranslation();
  return (
    <Stack gap="lg">
      <Notice tone="warm" title={t('once.title')}>
        {t('once.text')}
      </Notice>
      {values.map(({ label, value }) => (
        <div key={label} className={classes.secret}>
          <span className={classes.soft}>{label}</span>
          <code className={classes.secretValue}>{value}</code>
          <CopyButton value={value}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                size="sm"
                onClick={copy}
                aria-label={t('once.copy', { what: label })}
                leftSection={
                  copied ? (
                    <IconCheck size={16} aria-hidden="true" />
                  ) : (
                    <IconCopy size={16} aria-hidden="true" />
                  )
                }
              >
                {t(copied ? 'once.copied' : 'once.copyShort')}
              </Button>
            )}
          </CopyButton>
        </div>
      ))}
      <Button onClick={onDone}>{common('done')}</Button>
    </Stack>
  );
}
