/** How the visit was: a few questions, any of which she may leave out, with her name or without. */
import { Button, Checkbox, Group, Radio, Stack, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Survey, SurveyAnswers, SurveyQuestion } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { surveyKey, surveyQuery } from './queries.ts';
import classes from './survey.module.css';
import { useQuestionWords } from './words.ts';

export function SurveyPage() {
  const { t } = useTranslation('survey');
  const { visitId } = useParams({ strict: false }) as { visitId: string };
  const survey = useQuery(surveyQuery(visitId));
  const state = survey.data?.state;
  return (
    <Page
      title={t('title')}
      lead={state === 'open' || state === 'skipped' ? t('lead') : undefined}
      back={{ to: '/patient/visits/$visitId', params: { visitId } as never, label: t('back') }}
      width="narrow"
    >
      {survey.isPending && <Pending rows={3} height={110} />}
      {survey.isError && <Trouble error={survey.error} retry={() => void survey.refetch()} />}
      {(state === 'answered' || state === 'closed') && (
        <Notice
          tone={state === 'answered' ? 'good' : 'calm'}
          title={t(`${state}.title`)}
          action={
            <Button component={Link} to="/patient" variant="default">
              {t('home')}
            </Button>
          }
        >
          {t(`${state}.text`)}
        </Notice>
      )}
      {survey.data && (state === 'open' || state === 'skipped') && (
        <Questions visit={visitId} survey={survey.data} />
      )}
    </Page>
  );
}

type Answers = SurveyAnswers['answers'];

function Questions({ visit, survey }: { visit: string; survey: Survey }) {
  const { t } = useTranslation('survey');
  const client = useQueryClient();
  const [answers, setAnswers] = useState<Answers>({});
  const [anonymous, setAnonymous] = useState(false);
  const given = Object.fromEntries(
    Object.entries(answers).filter(([, value]) => typeof value === 'number' || value.trim() !== ''),
  );
  const done = (after: Survey): void => {
    client.setQueryData(surveyKey(visit), after);
  };
  const sending = useMutation({
    mutationFn: () =>
      api.post<Survey>(`/api/visits/${visit}/survey`, {
        answers: given,
        anonymous,
      } satisfies SurveyAnswers),
    onSuccess: done,
  });
  const skipping = useMutation({
    mutationFn: () => api.post<Survey>(`/api/visits/${visit}/survey/skip`),
    onSuccess: (after) => done({ ...after, state: 'closed' }),
  });
  return (
    <Stack gap="lg" mt="lg">
      {survey.questions.map((one) => (
        <Question
          key={one.id}
          question={one}
          value={answers[one.id]}
          onChange={(value) => setAnswers((before) => ({ ...before, [one.id]: value }))}
        />
      ))}
      <Checkbox
        label={t('anonymous')}
        description={t('anonymousHelp')}
        checked={anonymous}
        onChange={(event) => setAnonymous(event.currentTarget.checked)}
        data-testid="anonymous"
      />
      {sending.error && <Trouble error={sending.error} kept />}
      {skipping.error && <Trouble error={skipping.error} kept />}
      <Group justify="space-between" gap="sm">
        <Button
          variant="subtle"
          color="gray"
          loading={skipping.isPending}
          onClick={() => skipping.mutate()}
        >
          {t('skip')}
        </Button>
        <Button
          loading={sending.isPending}
          disabled={Object.keys(given).length === 0}
          onClick={() => sending.mutate()}
          data-testid="send-survey"
        >
          {t('send')}
        </Button>
      </Group>
    </Stack>
  );
}

function Question({
  question,
  value,
  onChange,
}: {
  question: SurveyQuestion;
  value: number | string | undefined;
  onChange: (value: number | string) => void;
}) {
  const { t } = useTranslation('survey');
  const words = useQuestionWords();
  if (question.kind === 'text')
    return (
      <div className={classes.question}>
        <Textarea
          label={words.asked(question)}
          description={t('textHelp')}
          autosize
          minRows={3}
          maxLength={question.most}
          size="md"
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
          data-testid={`q-${question.id}`}
        />
      </div>
    );
  const steps = Array.from(
    { length: question.to - question.from + 1 },
    (_, at) => question.from + at,
  );
  return (
    <div className={classes.question}>
      <Radio.Group
        label={words.asked(question)}
        value={value === undefined ? null : String(value)}
        onChange={(next) => onChange(Number(next))}
        size="md"
      >
        <div className={classes.steps}>
          {steps.map((step) => (
            <Radio.Card
              key={step}
              value={String(step)}
              className={classes.step}
              data-testid={`q-${question.id}-${step}`}
              aria-label={t('of', { step, to: question.to })}
            >
              {step}
            </Radio.Card>
          ))}
        </div>
        <div className={classes.ends} aria-hidden="true">
          <span>{t('least')}</span>
          <span>{t('most')}</span>
        </div>
      </Radio.Group>
    </div>
  );
}
