/** First page of the clinician surface. */
import { useTranslation } from 'react-i18next';
import { Page } from '../kit/page.tsx';

export function HomePage() {
  const { t } = useTranslation('clinician');
  return <Page title={t('title')}>{null}</Page>;
}
