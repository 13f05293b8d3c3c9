/** What each role reaches: in plain words, and the matrix the program decides by. */
import { Code, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoleTable, SignInRole } from '@afar/access/contract';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import classes from './approvals.module.css';
import { OfficeTabs } from './office-tabs.tsx';
import { rolesQuery } from './queries.ts';

export function RolesPage() {
  const { t } = useTranslation('approvals');
  const found = useQuery(rolesQuery);
  return (
    <Page title={t('roles.title')} lead={t('roles.lead')} width="wide">
      <OfficeTabs />
      {found.isPending && <Pending rows={6} height={48} />}
      {found.isError && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Roles table={found.data} />}
    </Page>
  );
}

function Roles({ table }: { table: RoleTable }) {
  const { t } = useTranslation('approvals');
  const { t: shell } = useTranslation('shell');
  const [words, setWords] = useState('');
  const named = (role: string) =>
    role === 'guest' ? t('roles.guest') : shell(`role.${role as SignInRole}`);
  const wanted = words.trim().toLowerCase();
  const types = table.types.filter((one) => one.type.toLowerCase().includes(wanted));
  return (
    <>
      <dl className={classes.plain}>
        {table.roles.map((role) => (
          <div key={role} style={{ display: 'contents' }}>
            <dt>{named(role)}</dt>
            <dd>{t(`roles.plain.${role as SignInRole}`)}</dd>
          </div>
        ))}
      </dl>
      <h2 className={classes.section}>{t('roles.profiles')}</h2>
      {table.profiles.length === 0 && <p className={classes.soft}>{t('roles.noProfiles')}</p>}
      {table.profiles.map((one) => (
        <div key={one.name}>
          <p className={classes.title}>{one.title}</p>
          <p className={classes.soft}>{t('roles.like', { role: named(one.like) })}</p>
          <Code block>{one.scopes.join('\n')}</Code>
        </div>
      ))}
      <h2 className={classes.section}>{t('roles.matrix')}</h2>
      <p className={classes.soft}>{t('roles.letters')}</p>
      <TextInput
        my="sm"
        maw="20rem"
        type="search"
        label={t('roles.find')}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        leftSection={<IconSearch size={18} aria-hidden="true" />}
      />
      {/* Scrolls by itself, so the keyboard must be able to get into it [WCAG 2.1.1]. */}
      <section className={classes.matrix} aria-label={t('roles.matrix')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('roles.type')}</th>
              {table.roles.map((role) => (
                <th key={role} scope="col">
                  {named(role)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {types.map(({ type, letters }) => (
              <tr key={type}>
                <th scope="row">{type}</th>
                {letters.map((one, at) => (
                  <td key={table.roles[at]}>{one === '--------' ? '–' : one}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <h2 className={classes.section}>{t('roles.content')}</h2>
      <dl className={classes.plain}>
        {table.within.map(({ role, type, content }) => (
          <div key={`${role} ${type}`} style={{ display: 'contents' }}>
            <dt>
              {named(role)}: {type}
            </dt>
            <dd>
              <Code>{content.replaceAll(',', ', ')}</Code>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
