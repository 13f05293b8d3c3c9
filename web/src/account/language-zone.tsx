/** Language and time zone: how she reads, on every device of hers. */
import { NativeSelect, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Me } from '@afar/access/contract';
import { browserZone } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { type Language, languages, speak } from '../shell/i18n.ts';
import classes from './account.module.css';
import { useUpdateMe } from './queries.ts';

const names = Object.entries(languages) as [Language, string][];

const zones = (own: string): string[] =>
  [...new Set([own, ...Intl.supportedValuesOf('timeZone'), 'UTC'])].toSorted();

export function LanguageZone({ me }: { me: Me }) {
  const { t, i18n } = useTranslation('account');
  const update = useUpdateMe();
  const zone = me.zone ?? browserZone();
  return (
    <section className={classes.card} aria-labelledby="preferences-title">
      <h2 id="preferences-title" className={classes.title}>
        {t('preferences.title')}
      </h2>
      {update.error && <Trouble error={update.error} />}
      <div className={classes.pair}>
        <NativeSelect
          label={t('preferences.language')}
          size="md"
          value={i18n.language}
          data={names.map(([value, label]) => ({ value, label }))}
          onChange={(event) => {
            const language = event.currentTarget.value as Language;
            void speak(language);
            update.mutate({ locale: language });
          }}
        />
        <Select
          label={t('preferences.zone')}
          description={t('preferences.zoneHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          size="md"
          searchable
          allowDeselect={false}
          limit={60}
          value={zone}
          data={zones(zone)}
          onChange={(next) => next && next !== zone && update.mutate({ zone: next })}
        />
      </div>
    </section>
  );
}
