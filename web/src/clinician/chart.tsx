/** The chart: warnings always in sight, then the line of events, results over time, problems and medicines. */
import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AllergyBar } from './allergy-bar.tsx';
import classes from './chart.module.css';
import { useChart } from './chart-data.ts';
import { MedicineList, ProblemList } from './chart-lists.tsx';
import { IntakeAnswers } from './intake-answers.tsx';
import { Results } from './results.tsx';
import { Timeline } from './timeline.component.tsx';

type Part = 'overview' | 'timeline' | 'results' | 'intake';

interface Props {
  patient: string;
  /** The visit the chart is opened for: its intake is shown. */
  visit?: string | undefined;
}

export function Chart({ patient, visit }: Props) {
  const { t } = useTranslation('clinician');
  const chart = useChart(patient);
  const [part, setPart] = useState<Part>('overview');
  const parts: Part[] = [
    'overview',
    'timeline',
    'results',
    ...(visit ? (['intake'] as const) : []),
  ];
  return (
    <div className={classes.chart} data-testid="chart">
      <AllergyBar allergies={chart.allergies} />
      <Tabs
        value={part}
        onChange={(value) => setPart((value ?? 'overview') as Part)}
        keepMounted={false}
        variant="pills"
        radius="xl"
      >
        <Tabs.List className={classes.tabs} aria-label={t('chart.parts')}>
          {parts.map((one) => (
            <Tabs.Tab key={one} value={one} className={classes.tab!}>
              {t(`chart.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <div className={classes.columns}>
            <ProblemList conditions={chart.conditions} />
            <MedicineList medicines={chart.medicines} />
          </div>
          <Results results={chart.results} most={4} onMore={() => setPart('results')} />
        </Tabs.Panel>
        <Tabs.Panel value="timeline">
          <Timeline chart={chart} />
        </Tabs.Panel>
        <Tabs.Panel value="results">
          <Results results={chart.results} />
        </Tabs.Panel>
        {visit && (
          <Tabs.Panel value="intake">
            <IntakeAnswers visit={visit} />
          </Tabs.Panel>
        )}
      </Tabs>
    </div>
  );
}
