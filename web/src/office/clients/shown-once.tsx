/** A secret that is shown this once: nobody can read it again. */
import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../kit/trouble.tsx';
import { Secret } from '../secrets.tsx';

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
        <Secret key={label} label={label} value={value} />
      ))}
      <Button onClick={onDone}>{common('done')}</Button>
    </Stack>
  );
}
