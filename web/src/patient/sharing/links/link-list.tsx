/** Her links, newest first: what each opens, until when, who has been there, and ending it. */
import { Badge, Button } from '@mantine/core';
import { IconLink, IconLinkOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ShareLink } from '@afar/sharing/contract';
import { Empty } from '../../../kit/empty.tsx';
import { Pending } from '../../../kit/page.tsx';
import { Trouble } from '../../../kit/trouble.tsx';
import { When } from '../../../kit/when.tsx';
import classes from './links.module.css';
import { linksQuery, useLinks } from './queries.ts';

export function LinkList({ patient }: { patient: string }) {
  const { t } = useTranslation('links');
  const list = useQuery(linksQuery(patient));
  const { revoke } = useLinks(patient);
  if (list.isPending) return <Pending rows={3} height={96} />;
  if (list.isError) return <Trouble error={list.error} retry={() => void list.refetch()} />;
  if (list.data.length === 0) return <Empty text={t('none')} />;
  return (
    <>
      {revoke.error && <Trouble error={revoke.error} />}
      <ul className={classes.list}>
        {list.data.map((link) => (
          <LinkRow
            key={link.id}
            link={link}
            ending={revoke.isPending && revoke.variables === link.id}
            onEnd={() => revoke.mutate(link.id)}
          />
        ))}
      </ul>
    </>
  );
}

interface RowProps {
  link: ShareLink;
  ending: boolean;
  onEnd: () => void;
}

function LinkRow({ link, ending, onEnd }: RowProps) {
  const { t } = useTranslation('links');
  const live = link.state === 'live';
  const Icon = live ? IconLink : IconLinkOff;
  const what = link.item
    ? t('oneItem')
    : (link.kinds ?? []).map((kind) => t(`kind.${kind}`)).join(', ');
  return (
    <li className={classes.row} data-off={!live || undefined} data-testid="share-link">
      <Icon size={22} aria-hidden="true" className={classes.icon} />
      <div className={classes.what}>
        <p className={classes.name}>{link.note ?? what}</p>
        {link.note && <p className={classes.soft}>{what}</p>}
        <p className={classes.soft}>
          {live ? t('until') : t('ended')} <When at={link.expires} /> ·{' '}
          {t('opened', { count: link.opened, most: link.openings })}
        </p>
        {link.seen.length > 0 && (
          <ul className={classes.seen} aria-label={t('seen')}>
            {link.seen.map((one) => (
              <li key={one.at}>
                <When at={one.at} /> · {one.who ?? (one.signedIn ? t('pharmacist') : t('noName'))}
              </li>
            ))}
          </ul>
        )}
      </div>
      <Badge color={live ? 'moss' : 'gray'}>{t(`state.${link.state}`)}</Badge>
      {live && (
        <Button variant="default" size="sm" loading={ending} onClick={onEnd} data-testid="end-link">
          {t('end')}
        </Button>
      )}
    </li>
  );
}
