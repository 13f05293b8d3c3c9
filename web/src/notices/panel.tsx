/** The list behind the bell: what happened, when, and what of it she wants no mail about. */
import { Button, Checkbox, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { KeptNotice, NoticeKind, NoticeList } from '@afar/access/contract';
import { api } from '../kit/api.ts';
import { Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import classes from './notices.module.css';
import { useMe } from '../shell/session.ts';
import { noticesQuery } from './queries.ts';

export function NoticePanel() {
  const { t } = useTranslation('notices');
  const client = useQueryClient();
  const list = useQuery(noticesQuery);
  const [choosing, { toggle }] = useDisclosure(false);
  const unread = (list.data?.notices ?? []).filter((one) => one.read === undefined);
  const reading = useMutation({
    mutationFn: () => api.post('/api/notices/read', { ids: unread.map((one) => one.id) }),
    onSuccess: () => client.invalidateQueries({ queryKey: noticesQuery.queryKey }),
  });
  return (
    <div className={classes.panel}>
      <div className={classes.head}>
        <h2 className={classes.title}>{t('title')}</h2>
        {unread.length > 0 && (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={reading.isPending}
            onClick={() => reading.mutate()}
          >
            {t('markRead')}
          </Button>
        )}
      </div>
      {list.isPending && <Pending rows={2} height={48} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {reading.error && <Trouble error={reading.error} />}
      {list.data?.notices.length === 0 && <p className={classes.none}>{t('none')}</p>}
      <ul className={classes.list}>
        {(list.data?.notices ?? []).map((one) => (
          <li
            key={one.id}
            className={classes.item}
            data-unread={one.read === undefined || undefined}
          >
            <span className={classes.what}>
              <What notice={one} />
            </span>
            {typeof one.about['browser'] === 'string' && one.about['browser'] !== '' && (
              <span className={classes.quiet}>{one.about['browser']}</span>
            )}
            <span className={classes.quiet}>
              <When at={one.at} />
            </span>
          </li>
        ))}
      </ul>
      {list.data && list.data.mutable.length > 0 && (
        <>
          <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={choosing}>
            {t('choose')}
          </Button>
          {choosing && <Choices list={list.data} />}
        </>
      )}
    </div>
  );
}

/** Where what is told of can be seen. */
function pageOf({ kind, about }: KeptNotice, patient: boolean): string | undefined {
  const { thread, visit } = about;
  if (typeof thread === 'string') return `/${patient ? 'patient' : 'clinician'}/messages/${thread}`;
  if (typeof visit !== 'string' || !patient) return undefined;
  if (kind === 'survey') return `/patient/visits/${visit}/survey`;
  return kind === 'reminder' ? `/patient/visits/${visit}` : undefined;
}

function What({ notice }: { notice: KeptNotice }) {
  const { t } = useTranslation('notices');
  const { role } = useMe();
  const to = role === 'administrator' ? undefined : pageOf(notice, role === 'patient');
  const said = t(`kind.${notice.kind}`);
  return to === undefined ? said : <Link to={to}>{said}</Link>;
}

function Choices({ list }: { list: NoticeList }) {
  const { t } = useTranslation('notices');
  const client = useQueryClient();
  const choosing = useMutation({
    mutationFn: (muted: NoticeKind[]) => api.put('/api/notices/choices', { muted }),
    onMutate: (muted) =>
      client.setQueryData(noticesQuery.queryKey, (before) => before && { ...before, muted }),
    onSettled: () => client.invalidateQueries({ queryKey: noticesQuery.queryKey }),
  });
  return (
    <Stack gap="xs" mt="sm">
      <p className={classes.quiet}>{t('chooseHelp')}</p>
      {choosing.error && <Trouble error={choosing.error} />}
      {list.mutable.map((kind) => (
        <Checkbox
          key={kind}
          label={t(`kind.${kind}`)}
          checked={!list.muted.includes(kind)}
          onChange={(event) =>
            choosing.mutate(
              event.currentTarget.checked
                ? list.muted.filter((one) => one !== kind)
                : [...list.muted, kind],
            )
          }
        />
      ))}
    </Stack>
  );
}
