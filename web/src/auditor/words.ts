/** What an action or a role is called; an action this version has no word for shows its own name. */
import { useTranslation } from 'react-i18next';

export function useWords() {
  const { t, i18n } = useTranslation(['auditor', 'shell']);
  const named = (name: string): string =>
    i18n.exists(`auditor:action.${name}`)
      ? t(`auditor:action.${name}` as 'auditor:action.read')
      : name;
  return {
    /** Staff and programs by name; a patient by the end of her account's random id. */
    person: (one: { id: string; role: string; name?: string }): string =>
      one.name ??
      (one.role === 'anonymous'
        ? t('auditor:nobody')
        : t('auditor:pseudonym', { id: one.id.slice(-6) })),
    /** Also of what takes two administrators: `ask create-user`, `approve create-user`. */
    action: (name: string): string => {
      const [deed, kind] = name.split(' ', 2);
      return kind && i18n.exists(`auditor:deed.${deed}`)
        ? t(`auditor:deed.${deed}` as 'auditor:deed.ask', { what: named(kind) })
        : named(name);
    },
    role: (name: string): string =>
      i18n.exists(`shell:role.${name}`) ? t(`shell:role.${name}` as 'shell:role.nurse') : name,
  };
}
