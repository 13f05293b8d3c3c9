/** First page of the office surface. */
import { useTranslation } from 'react-i18next';
import { Page } from '../kit/page.tsx';

export function HomePage() {
  const { t } = useTranslation('office');
  return <Page title={t('title')}>{null}</Page>;
}
