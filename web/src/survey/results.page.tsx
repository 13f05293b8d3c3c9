/** What surveys say, for who runs the clinic: figures, weeks as a line, clinicians and modes as tables, comments without a name. */
import { NativeSelect, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SurveyCell, SurveyQuestion, SurveyResults } from '@afar/visits/contract';
import { Empty } from '../kit/empty.tsx';
import { LineChart } from '../kit/line-chart.tsx';
import { Page, Pending, Section } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { OfficeTabs } from '../office/office-tabs.tsx';
import { useReader } from '../shell/session.ts';
import { resultsQuery } from './queries.ts';
import classes from './survey.module.css';
import { useQuestionWords } from './words.ts';

export function SurveyResultsPage() {
  const { t } = useTranslation('survey');
  const results = useQuery(resultsQuery);
  return (
    <Page title={t('results.title')} lead={t('results.lead')}>
      <OfficeTabs />
      {results.isPending && <Pending rows={3} height={140} />}
      {results.isError && <Trouble error={results.error} retry={() => void results.refetch()} />}
      {results.data &&
        (results.data.total.n === undefined ? (
          <Empty text={t('results.none')} />
        ) : (
          <Results results={results.data} />
        ))}
    </Page>
  );
}

function Results({ results }: { results: SurveyResults }) {
  const { t } = useTranslation('survey');
  const words = useQuestionWords();
  const { locale } = useReader();
  const scales = results.questions.filter((one) => one.kind === 'scale');
  const [asked, setAsked] = useState(scales[0]?.id ?? '');
  const question = scales.find((one) => one.id === asked);
  const points = results.weeks.flatMap(({ week, scores }): [number, number][] => {
    const sum = scores[asked];
    return sum ? [[Date.parse(`${week}T12:00:00Z`), sum.mean]] : [];
  });
  return (
    <>
      <div className={classes.figures}>
        <p className={classes.figure}>
          <strong>{results.total.n}</strong>
          <span>{t('results.answers')}</span>
        </p>
        {scales.map((one) => {
          const sum = results.total.scores[one.id];
          return (
            <p key={one.id} className={classes.figure}>
              <strong>{sum ? scoreText(one, sum.score) : '–'}</strong>
              <span>{words.short(one)}</span>
            </p>
          );
        })}
      </div>
      <Section
        title={t('results.weeks')}
        actions={
          <NativeSelect
            aria-label={t('results.question')}
            value={asked}
            data={scales.map((one) => ({ value: one.id, label: words.short(one) }))}
            onChange={(event) => setAsked(event.currentTarget.value)}
          />
        }
      >
        {points.length > 1 && question ? (
          <LineChart
            series={[{ label: words.short(question), points }]}
            label={t('results.chart', { question: words.asked(question), weeks: points.length })}
            locale={locale}
            height={200}
          />
        ) : (
          <Empty text={t('results.fewWeeks')} />
        )}
      </Section>
      <Section title={t('results.clinicians')}>
        <Cells
          questions={scales}
          rows={results.clinicians.map((one) => ({ key: one.id, name: one.name, cell: one }))}
        />
      </Section>
      <Section title={t('results.modes')}>
        <Cells
          questions={scales}
          rows={results.modes.map((one) => ({
            key: one.mode,
            name: t(`mode.${one.mode}`),
            cell: one,
          }))}
        />
      </Section>
      <Section title={t('results.comments')}>
        {results.comments.length === 0 ? (
          <Empty text={t('results.fewComments')} />
        ) : (
          <ul className={classes.comments}>
            {results.comments.map((text, at) => (
              <li key={at} dir="auto">
                {text}
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}

const scoreText = (question: SurveyQuestion, score: number): string =>
  question.kind === 'scale' && question.from === 0 && question.to === 10
    ? `${score > 0 ? '+' : ''}${score}`
    : `${score} %`;

function Cells({
  questions,
  rows,
}: {
  questions: SurveyQuestion[];
  rows: { key: string; name: string; cell: SurveyCell }[];
}) {
  const { t } = useTranslation('survey');
  const words = useQuestionWords();
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('results.table')}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('results.who')}</Table.Th>
            <Table.Th>{t('results.answers')}</Table.Th>
            {questions.map((one) => (
              <Table.Th key={one.id}>{words.short(one)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, name, cell }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>{cell.n ?? t('results.few')}</Table.Td>
              {questions.map((one) => {
                const sum = cell.scores[one.id];
                return <Table.Td key={one.id}>{sum ? scoreText(one, sum.score) : '–'}</Table.Td>;
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
