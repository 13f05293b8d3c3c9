/** A radiology resident's list: the studies open to her, and a draft report on each. */
import { Badge, Button, Group, Textarea } from '@mantine/core';
import type { DiagnosticReport, ImagingStudy } from '@afar/fhir';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kit/api.ts';
import { Empty } from '../kit/empty.tsx';
import { searchFhir } from '../kit/fhir.ts';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import { useMe } from '../shell/session.ts';
import classes from './home.module.css';

const key = ['reading-list'];

export function ReadingList() {
  const { t } = useTranslation('cosign');
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      searchFhir<ImagingStudy>('ImagingStudy', { _sort: '-started', _count: '100' }, signal),
  });
  return (
    <Page title={t('reading.title')} lead={t('reading.lead')}>
      {found.isPending && <Pending rows={3} height={64} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty text={t('reading.none')} />}
      <ul className={classes.agenda}>
        {found.data?.map((one) => (
          <Study key={one.id} study={one} />
        ))}
      </ul>
    </Page>
  );
}

function Study({ study }: { study: ImagingStudy }) {
  const { t } = useTranslation('cosign');
  const me = useMe();
  const client = useQueryClient();
  const [text, setText] = useState<string>();
  const draft = useMutation({
    mutationFn: (conclusion: string) =>
      api.post<DiagnosticReport>('/fhir/R4/DiagnosticReport', {
        resourceType: 'DiagnosticReport',
        // A clinician signs it: until then it is preliminary [FHIR R4 valueset-diagnostic-report-status].
        status: 'preliminary',
        category: [
          {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'RAD' }],
          },
        ],
        code: study.procedureCode?.[0] ?? { text: study.description ?? 'Imaging' },
        subject: study.subject,
        imagingStudy: [{ reference: `ImagingStudy/${study.id}` }],
        resultsInterpreter: [{ reference: `Practitioner/${me.fhirUser?.id}` }],
        conclusion,
      }),
    onSuccess: () => {
      setText(undefined);
      void client.invalidateQueries({ queryKey: key });
    },
  });
  return (
    <li className={classes.row}>
      <div className={classes.rowWho}>
        <strong>{study.description ?? study.modality?.[0]?.code ?? study.id}</strong>
        <span className={classes.soft}>{study.subject.display}</span>
        <span className={classes.soft}>{study.started && <When at={study.started} />}</span>
      </div>
      <Badge color="gray">
        {t(`reading.state.${study.status}`, { defaultValue: study.status })}
      </Badge>
      {text === undefined ? (
        <Button variant="default" onClick={() => setText('')}>
          {t('reading.report')}
        </Button>
      ) : (
        <form
          style={{ flexBasis: '100%' }}
          onSubmit={(event) => {
            event.preventDefault();
            draft.mutate(text.trim());
          }}
        >
          <Textarea
            label={t('reading.text')}
            autosize
            minRows={4}
            maxLength={20_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {draft.error && <Trouble error={draft.error} kept />}
          <Group justify="flex-end" mt="sm">
            <Button type="submit" disabled={!text.trim()} loading={draft.isPending}>
              {t('reading.save')}
            </Button>
          </Group>
        </form>
      )}
      {draft.isSuccess && <Notice tone="good" title={t('reading.saved')} />}
    </li>
  );
}
