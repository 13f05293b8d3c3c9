/** What the patient answered before the visit, question by question. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Intake, IntakeQuestion, IntakeValue } from '@afar/visits/contract';
import { Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { intakeQuery } from '../patient/queries.ts';
import classes from './chart.module.css';

const flat = (questions: IntakeQuestion[]): IntakeQuestion[] =>
  questions.flatMap((question) => [question, ...flat(question.items ?? [])]);

export function IntakeAnswers({ visit }: { visit: string }) {
  const { t } = useTranslation('clinician');
  const intake = useQuery({ ...intakeQuery(visit), staleTime: 10_000 });
  if (intake.isPending) return <Pending rows={4} height={48} />;
  if (intake.isError) return <Trouble error={intake.error} retry={() => void intake.refetch()} />;
  return <Answers intake={intake.data} none={t('intake.none')} flag={t('intake.redFlag')} />;
}

function Answers({ intake, none, flag }: { intake: Intake; none: string; flag: string }) {
  const { t } = useTranslation();
  const answered = flat(intake.questions).filter(
    (one) => intake.answers?.[one.linkId] !== undefined,
  );
  const words = (question: IntakeQuestion, value: IntakeValue): string =>
    typeof value === 'boolean'
      ? t(value ? 'yes' : 'no')
      : (question.options?.find((option) => option.code === value)?.display ?? String(value));
  if (answered.length === 0) return <p className={classes.soft}>{none}</p>;
  return (
    <>
      {intake.redFlag && <Notice tone="bad" title={flag} />}
      <dl className={classes.answers}>
        {answered.map((question) => (
          <div key={question.linkId}>
            <dt>{question.text}</dt>
            <dd>
              {[intake.answers![question.linkId]!]
                .flat()
                .map((value) => words(question, value))
                .join(', ')}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
