/** Reports that residents drafted on patients of hers: a clinician reads one, and makes it final in her own name. */
import { Button, Group, Text } from '@mantine/core';
import type { DiagnosticReport } from '@afar/fhir';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { conceptText, searchFhir } from '../kit/fhir.ts';
import { Section } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useMe } from '../shell/session.ts';
import { FhirDate } from './fhir-date.tsx';
import classes from './home.module.css';

const key = ['draft-reports'];

/** Nothing where none waits. */
export function DraftReports() {
  const { t } = useTranslation('cosign');
  const [reading, setReading] = useState<DiagnosticReport>();
  const { data = [] } = useQuery({
    queryKey: key,
    refetchInterval: 60_000,
    queryFn: ({ signal }) =>
      searchFhir<DiagnosticReport>(
        'DiagnosticReport',
        { status: 'preliminary', category: 'RAD', _count: '50' },
        signal,
      ),
  });
  if (data.length === 0) return null;
  return (
    <Section title={t('reports.list')}>
      <ul className={classes.agenda} data-testid="draft-reports">
        {data.map((one) => (
          <li key={one.id} className={classes.row}>
            <div className={classes.rowWho}>
              <strong>{conceptText(one.code)}</strong>
              <span className={classes.soft}>
                {one.subject?.display} <FhirDate value={one.meta?.lastUpdated} />
              </span>
            </div>
            <Button variant="default" onClick={() => setReading(one)}>
              {t('reports.read')}
            </Button>
          </li>
        ))}
      </ul>
      <Dialog
        opened={reading !== undefined}
        onClose={() => setReading(undefined)}
        title={conceptText(reading?.code)}
      >
        {reading && <Report report={reading} onDone={() => setReading(undefined)} />}
      </Dialog>
    </Section>
  );
}

function Report({ report, onDone }: { report: DiagnosticReport; onDone: () => void }) {
  const { t } = useTranslation('cosign');
  const me = useMe();
  const client = useQueryClient();
  const final = useMutation({
    mutationFn: () => {
      const self = { reference: `Practitioner/${me.fhirUser?.id}` };
      const others = (report.resultsInterpreter ?? []).filter(
        (one) => one.reference !== self.reference,
      );
      return api.put<DiagnosticReport>(
        `/fhir/R4/DiagnosticReport/${report.id}`,
        {
          ...report,
          status: 'final',
          issued: new Date().toISOString(),
          // [FHIR R4 DiagnosticReport.resultsInterpreter] who answers for its conclusions.
          resultsInterpreter: [...others, self],
        },
        // Exactly what she read.
        { headers: { 'if-match': `W/"${report.meta?.versionId}"` } },
      );
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: key });
      onDone();
    },
  });
  return (
    <>
      <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{report.conclusion}</Text>
      <Text c="dimmed" mt="md">
        {t('reports.text')}
      </Text>
      {final.error && <Trouble error={final.error} />}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onDone}>
          {t('notNow')}
        </Button>
        <Button loading={final.isPending} onClick={() => final.mutate()} data-testid="final">
          {t('reports.final')}
        </Button>
      </Group>
    </>
  );
}
