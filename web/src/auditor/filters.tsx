/** What narrows the trail besides the bars: a span of one's own, a patient's random id, purpose, kind of thing, way it ended. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './oversight.module.css';

export interface Narrowing {
  patient: string;
  type: string;
  purpose: string;
  verb: string;
  outcome: string;
  /** As the browser's own field has it: local, `2026-11-22T09:00`. */
  from: string;
  to: string;
}

export const nothing: Narrowing = {
  patient: '',
  type: '',
  purpose: '',
  verb: '',
  outcome: '',
  from: '',
  to: '',
};

const purposes = ['TREAT', 'ETREAT', 'PATRQT', 'HOPERAT', 'HPAYMT', 'HRESCH', 'HCOMPL'] as const;
const verbs = ['C', 'R', 'U', 'D', 'E'] as const;
const outcomes = ['0', '4', '8'] as const;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isId = (text: string): boolean => uuid.test(text.trim());

interface Props {
  value: Narrowing;
  types: readonly string[];
  onChange: (value: Narrowing) => void;
}

export function Filters({ value, types, onChange }: Props) {
  const { t } = useTranslation('oversight');
  const set = (key: keyof Narrowing) => (event: { currentTarget: { value: string } }) =>
    onChange({ ...value, [key]: event.currentTarget.value });
  const any = { value: '', label: t('filter.any') };
  const wrong = value.patient !== '' && !isId(value.patient);
  return (
    <div className={classes.filters} role="group" aria-label={t('filter.label')}>
      <TextInput
        label={t('filter.from')}
        type="datetime-local"
        value={value.from}
        onChange={set('from')}
      />
      <TextInput
        label={t('filter.to')}
        type="datetime-local"
        value={value.to}
        onChange={set('to')}
      />
      <TextInput
        label={t('filter.patient')}
        value={value.patient}
        onChange={set('patient')}
        error={wrong && t('filter.notId')}
        spellCheck={false}
        autoComplete="off"
      />
      <NativeSelect
        label={t('filter.outcome')}
        value={value.outcome}
        onChange={set('outcome')}
        data={[any, ...outcomes.map((one) => ({ value: one, label: t(`outcome.${one}`) }))]}
      />
      <NativeSelect
        label={t('filter.verb')}
        value={value.verb}
        onChange={set('verb')}
        data={[any, ...verbs.map((one) => ({ value: one, label: t(`verb.${one}`) }))]}
      />
      <NativeSelect
        label={t('filter.purpose')}
        value={value.purpose}
        onChange={set('purpose')}
        data={[any, ...purposes.map((one) => ({ value: one, label: t(`purpose.${one}`) }))]}
      />
      <TextInput
        label={t('filter.type')}
        value={value.type}
        onChange={set('type')}
        list="audit-types"
        autoComplete="off"
      />
      <datalist id="audit-types">
        {types.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
    </div>
  );
}
