/** First page of the auditor surface. */
import { useTranslation } from 'react-i18next';
import { Page } from '../kit/page.tsx';

export function HomePage() {
  const { t } = useTranslation('auditor');
  return <Page title={t('title')}>{null}</Page>;
}
