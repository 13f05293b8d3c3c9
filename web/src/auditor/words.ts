/** What an action or a role is called; an action this version has no word for shows its own name. */
import { useTranslation } from 'react-i18next';

export function useWords() {
  const { t, i18n } = useTranslation(['auditor', 'shell']);
  return {
    /** Staff and programs by name; a patient by the end of her account's random id. */
    person: (one: { id: string; role: string; name?: string }): string =>
      one.name ??
      (one.role === 'anonymous'
        ? t('auditor:nobody')
        : t('auditor:pseudonym', { id: one.id.slice(-6) })),
    action: (name: string): string =>
      i18n.exists(`auditor:action.${name}`)
        ? t(`auditor:action.${name}` as 'auditor:action.read')
        : name,
    role: (name: string): string =>
      i18n.exists(`shell:role.${name}`) ? t(`shell:role.${name}` as 'shell:role.nurse') : name,
  };
}
