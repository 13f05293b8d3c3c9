/** Why a new password was not taken, in words that help to choose another. */
import { useTranslation } from 'react-i18next';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';

export function PasswordFault({ error }: { error: unknown }) {
  const { t } = useTranslation('sign-in');
  const { status, issues, reason } = asApiError(error);
  const said = issues[0]?.diagnostics ?? '';
  if (reason === 'unauthenticated') return <Notice tone="bad" title={t('factor.expired')} />;
  if (status !== 400) return <Trouble error={error} kept />;
  const key = /12/.test(said) ? 'short' : /name/.test(said) ? 'own' : 'easy';
  return <Notice tone="bad" title={t(`forgotten.weak.${key}`)} />;
}
