/** The questions before a visit: all on one page, kept while she writes, sent when she is done. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Intake, IntakeResult } from '@afar/visits/contract';
import { api, asApiError } from '../kit/api.ts';
import { Page, Pending } from '../kit/page.tsx';
import { useWithWhom } from '../on-demand/with-whom.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { type Answers, type Fault, faultsOf, progress, toSend } from './intake/answers.ts';
import { Emergency } from './intake/emergency.tsx';
import classes from './intake/intake.module.css';
import { Questions } from './intake/questions.tsx';
import { intakeQuery, visitQuery } from './queries.ts';

export function IntakePage() {
  const { t } = useTranslation('patient');
  const withWhom = useWithWhom();
  const { visitId } = useParams({ from: '/patient/visits/$visitId/intake' });
  const intake = useQuery(intakeQuery(visitId));
  const visit = useQuery(visitQuery(visitId));
  return (
    <Page
      title={t('intake.title')}
      width="narrow"
      back={{
        to: '/patient/visits/$visitId',
        params: { visitId },
        label: t('visit.title'),
      }}
      lead={visit.data && t('intake.lead', { name: withWhom(visit.data) })}
    >
      {intake.isPending && <Pending rows={3} height={140} />}
      {intake.isError && <Trouble error={intake.error} retry={() => void intake.refetch()} />}
      {intake.data && <IntakeForm visitId={visitId} intake={intake.data} />}
    </Page>
  );
}

function IntakeForm({ visitId, intake }: { visitId: string; intake: Intake }) {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const draftKey = ['intake-draft', visitId];
  // The draft lives in memory only: health answers are never written to this device.
  const [answers, setAnswers] = useState<Answers>(
    () => client.getQueryData<Answers>(draftKey) ?? intake.answers ?? {},
  );
  const [faults, setFaults] = useState<ReadonlyMap<string, Fault>>(new Map());
  const [result, setResult] = useState<IntakeResult>();
  const faultList = useRef<HTMLDivElement>(null);
  const { done, all } = progress(intake.questions, answers);

  const keep = (changed: Answers): void => {
    setAnswers(changed);
    client.setQueryDefaults(draftKey, { gcTime: Infinity });
    client.setQueryData(draftKey, changed);
  };

  const leave = () => navigate({ to: '/patient/visits/$visitId', params: { visitId } });
  const send = useMutation({
    mutationFn: () =>
      api.post<IntakeResult>(`/api/appointments/${visitId}/intake`, {
        answers: toSend(intake.questions, answers),
      }),
    onSuccess: async (answer) => {
      client.removeQueries({ queryKey: draftKey });
      void client.invalidateQueries({ queryKey: ['intake', visitId] });
      void client.invalidateQueries({ queryKey: ['appointments'] });
      await client.invalidateQueries({ queryKey: ['visit', visitId] });
      if (answer.redFlag) return setResult(answer);
      notifications.show({
        message: t('intake.sent'),
        color: 'moss',
        closeButtonProps: { 'aria-label': common('close') },
      });
      await leave();
    },
    onError: (error) => {
      const refused = asApiError(error).issues.flatMap((issue) => issue.expression ?? []);
      if (refused.length > 0) show(new Map(refused.map((linkId) => [linkId, 'server' as const])));
    },
  });

  const show = (found: ReadonlyMap<string, Fault>): void => {
    setFaults(found);
    if (found.size > 0) requestAnimationFrame(() => faultList.current?.focus());
  };

  if (result?.redFlag) return <Emergency onSafe={() => void leave()} />;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = faultsOf(intake.questions, answers);
        show(found);
        if (found.size === 0) send.mutate();
      }}
    >
      {faults.size > 0 && (
        <div ref={faultList} tabIndex={-1}>
          <Notice tone="bad" title={t('intake.faults', { count: faults.size })} />
        </div>
      )}
      {send.error && faults.size === 0 && <Trouble error={send.error} kept />}
      <Questions
        questions={intake.questions}
        answers={answers}
        faults={faults}
        onAnswer={(linkId, answer) => {
          const { [linkId]: _old, ...rest } = answers;
          keep(answer === undefined ? rest : { ...rest, [linkId]: answer });
          if (faults.has(linkId))
            setFaults(new Map([...faults].filter(([other]) => other !== linkId)));
        }}
      />
      <div className={classes.foot}>
        <span className={classes.progress} aria-live="polite">
          {t('intake.of', { done, all })}
          <span className={classes.kept}> · {t('intake.kept')}</span>
        </span>
        <Button type="submit" size="lg" loading={send.isPending} data-testid="send-intake">
          {t('intake.send')}
        </Button>
      </div>
    </form>
  );
}
