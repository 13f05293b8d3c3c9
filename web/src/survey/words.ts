/** Our own questions in the reader's language; a clinic's own as it wrote them. */
import { useTranslation } from 'react-i18next';
import type { SurveyQuestion } from '@afar/visits/contract';

const ours = ['satisfaction', 'technical', 'understood', 'recommend', 'comment'] as const;
type Ours = (typeof ours)[number];

export function useQuestionWords() {
  const { t } = useTranslation('survey');
  const known = (id: string): Ours | undefined => ours.find((one) => one === id);
  return {
    asked: ({ id, text }: SurveyQuestion): string => {
      const own = known(id);
      return own ? t(`question.${own}`) : text;
    },
    short: ({ id, text }: SurveyQuestion): string => {
      const own = known(id);
      return own ? t(`short.${own}`) : text;
    },
  };
}
