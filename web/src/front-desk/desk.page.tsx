/** The front desk: who registered and may have a chart already; decided by staff who saw the person. */
import { Badge, Button, Checkbox, Group, Radio, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Candidate, Decision, DeskPerson } from '@afar/enrolment/contract';
import { asApiError } from '../kit/api.ts';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import { useReader } from '../shell/session.ts';
import classes from './desk.module.css';
import { InviteButton } from './invite.tsx';
import { candidatesQuery, decide } from './queries.ts';

export function DeskPage() {
  const { t } = useTranslation('desk');
  const list = useQuery(candidatesQuery);
  return (
    <Page title={t('title')} lead={t('lead')}>
      {list.isPending && <Pending rows={2} height={220} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data?.candidates.length === 0 && <Empty text={t('none')} />}
      <ul className={classes.list}>
        {(list.data?.candidates ?? []).map((one) => (
          <CandidateCard key={one.task} candidate={one} />
        ))}
      </ul>
    </Page>
  );
}

function Who({ person }: { person: DeskPerson }) {
  const { t } = useTranslation('desk');
  const { locale } = useReader();
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return (
    <span className={classes.who}>
      <span className={classes.name}>{person.name}</span>
      <span className={classes.quiet}>
        {person.birthDate && day.format(new Date(person.birthDate))}
        {person.contact && ` · ${person.contact}`}
      </span>
      <span className={classes.quiet}>
        {t('since')} <When at={person.since} />
      </span>
      {person.hasAccount && <Badge color="lagoon">{t('hasAccount')}</Badge>}
    </span>
  );
}

function CandidateCard({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation('desk');
  const client = useQueryClient();
  const { registered, charts, task } = candidate;
  const [chart, setChart] = useState(charts.length === 1 ? charts[0]!.patient : '');
  const [seen, setSeen] = useState(false);
  const deciding = useMutation({
    mutationFn: (decision: Decision) => decide({ task, decision }),
    onSuccess: () => client.invalidateQueries({ queryKey: candidatesQuery.queryKey }),
  });
  const taken = deciding.error && asApiError(deciding.error).status === 409;
  return (
    <li className={classes.card}>
      <h2 className={classes.title}>{t(registered.dependant ? 'dependant' : 'registered')}</h2>
      <Who person={registered} />
      <Radio.Group value={chart} onChange={setChart} label={t('charts')}>
        <Stack gap="sm" mt="xs">
          {charts.map((one) => (
            <div key={one.patient} className={classes.choice}>
              <Radio value={one.patient} label={<Who person={one} />} />
              {!one.hasAccount && <InviteButton patient={one.patient} />}
            </div>
          ))}
        </Stack>
      </Radio.Group>
      {taken && <Notice tone="bad" title={t('taken')} />}
      {deciding.error && !taken && <Trouble error={deciding.error} />}
      <Checkbox
        checked={seen}
        onChange={(event) => setSeen(event.currentTarget.checked)}
        label={t('seen')}
      />
      <Text size="sm" c="dimmed">
        {t('sameHelp')}
      </Text>
      <Group>
        <Button
          disabled={!seen || !chart}
          loading={deciding.isPending}
          onClick={() => deciding.mutate({ decision: 'same', patient: chart, seen: true })}
        >
          {t('same')}
        </Button>
        <Button
          variant="default"
          loading={deciding.isPending}
          onClick={() => deciding.mutate({ decision: 'different' })}
        >
          {t('different')}
        </Button>
      </Group>
    </li>
  );
}
