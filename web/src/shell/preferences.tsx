/** Language and appearance: the two choices that belong to the reader and not to her record. */
import { Menu, type MantineColorScheme, NativeSelect, useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Me } from '@afar/access/contract';
import { api } from '../kit/api.ts';
import { type Language, languages, speak } from './i18n.ts';
import { meQuery } from './session.ts';

const names = Object.entries(languages) as [Language, string][];

function useLanguage(): [string, (language: Language) => void] {
  const { i18n } = useTranslation();
  const client = useQueryClient();
  return [
    i18n.language,
    (language) => {
      void speak(language);
      const me = client.getQueryData(meQuery.queryKey);
      if (!me) return;
      // The account keeps it too, so that mails and other devices follow; a failure changes nothing here.
      api.patch<Me>('/auth/me', { locale: language }).then(
        (next) => client.setQueryData(meQuery.queryKey, next),
        () => undefined,
      );
    },
  ];
}

export function LanguageItems() {
  const { t } = useTranslation('shell');
  const [current, choose] = useLanguage();
  return (
    <>
      <Menu.Label>{t('language')}</Menu.Label>
      <Menu.RadioGroup value={current} onChange={(code) => choose(code as Language)}>
        {names.map(([code, name]) => (
          <Menu.RadioItem key={code} lang={code} value={code} closeMenuOnClick>
            {name}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  );
}

const schemes: MantineColorScheme[] = ['light', 'dark', 'auto'];

export function SchemeItems() {
  const { t } = useTranslation('shell');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t('appearance')}</Menu.Label>
      <Menu.RadioGroup
        value={colorScheme}
        onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
      >
        {schemes.map((scheme) => (
          <Menu.RadioItem key={scheme} value={scheme}>
            {t(`scheme.${scheme}`)}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  );
}

/** The language switch of pages without a header. */
export function LanguageSelect() {
  const { t } = useTranslation('shell');
  const [current, choose] = useLanguage();
  return (
    <NativeSelect
      aria-label={t('language')}
      size="sm"
      w="8.5rem"
      value={current}
      data={names.map(([value, label]) => ({ value, label }))}
      onChange={(event) => choose(event.currentTarget.value as Language)}
    />
  );
}
