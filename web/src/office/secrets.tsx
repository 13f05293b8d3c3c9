/** A password or a key, shown once: nobody can read it again. */
import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './office.module.css';

export function Secret({ label, value }: { label: string; value: string }) {
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
