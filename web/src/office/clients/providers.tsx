/** Other places where staff may sign in: OpenID Connect providers of a hospital or a county. */
import {
  Badge,
  Button,
  Checkbox,
  Code,
  MultiSelect,
  PasswordInput,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  AskedSecond,
  ChangedIdentityProvider,
  IdentityProvider,
  SignInRole,
} from '@afar/access/contract';
import { asApiError } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Pending, Section } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import rows from '../list.module.css';
import classes from './clients.module.css';
import { providersQuery, useProviders } from './queries.ts';

const roles = [
  'practitioner',
  'nurse',
  'trainee',
  'resident',
  'pharmacist',
  'paramedic',
  'auditor',
] as const satisfies SignInRole[];

/** What she wanted waits for another administrator. */
interface Asking {
  onAsked: (asked: AskedSecond | undefined) => void;
}

export function Providers({ onAsked }: Asking) {
  const { t } = useTranslation('clients');
  const list = useQuery(providersQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<ChangedIdentityProvider>();
  return (
    <Section
      title={t('idp.title')}
      actions={
        <Button
          className={classes.add!}
          variant="default"
          size="sm"
          leftSection={<IconPlus size={18} aria-hidden="true" />}
          onClick={() => setAdding(true)}
        >
          {t('idp.add')}
        </Button>
      }
    >
      <p className={classes.lead}>{t('idp.lead')}</p>
      {list.isPending && <Pending rows={1} height={72} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data?.providers.length === 0 && <Empty text={t('idp.none')} />}
      {list.data && list.data.providers.length > 0 && (
        <ul className={rows.list}>
          {list.data.providers.map((one) => (
            <ProviderRow key={one.id} provider={one} onAsked={onAsked} />
          ))}
        </ul>
      )}
      <Dialog opened={adding} onClose={() => setAdding(false)} title={t('idp.add')} size="lg">
        <ProviderForm
          onMade={(one) => {
            setAdding(false);
            setMade(one);
          }}
        />
      </Dialog>
      <Dialog
        opened={made !== undefined}
        onClose={() => {
          setMade(undefined);
          onAsked(made?.asked);
        }}
        title={t('idp.next')}
        size="lg"
      >
        <p>{t('idp.register')}</p>
        <Code block>{made?.redirectUri}</Code>
      </Dialog>
    </Section>
  );
}

function ProviderRow({ provider, onAsked }: { provider: IdentityProvider } & Asking) {
  const { t } = useTranslation('clients');
  const { t: shell } = useTranslation('shell');
  const { update } = useProviders();
  const off = provider.status === 'disabled';
  return (
    <li className={classes.row} data-off={off || undefined}>
      <div className={classes.what}>
        <p className={classes.name}>
          {provider.name} {off && <Badge color="brick">{t('status.disabled')}</Badge>}
        </p>
        <p className={classes.soft}>
          {provider.issuer} ·{' '}
          {provider.roles.map((role) => shell(`role.${role as SignInRole}`)).join(', ')}
        </p>
        <p className={classes.scopes}>{provider.redirectUri}</p>
      </div>
      <Button
        variant="default"
        size="sm"
        loading={update.isPending}
        onClick={() =>
          update.mutate(
            { id: provider.id, status: off ? 'active' : 'disabled' },
            { onSuccess: ({ asked }) => onAsked(asked) },
          )
        }
        aria-label={`${t(off ? 'enable' : 'disable')}: ${provider.name}`}
      >
        {t(off ? 'enable' : 'disable')}
      </Button>
      {update.error && (
        <div className={classes.trouble}>
          <Trouble error={update.error} />
        </div>
      )}
    </li>
  );
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

function ProviderForm({ onMade }: { onMade: (made: ChangedIdentityProvider) => void }) {
  const { t } = useTranslation('clients');
  const { t: shell } = useTranslation('shell');
  const { add } = useProviders();
  const form = useForm({
    initialValues: {
      name: '',
      issuer: '',
      clientId: '',
      clientSecret: '',
      roles: ['practitioner', 'nurse'] as string[],
      acr: '',
      amr: 'mfa',
      linkByEmail: false,
    },
    validate: {
      name: (value) => (value.trim() ? null : t('form.needName')),
      issuer: (value) => (/^https?:\/\/\S+$/.test(value.trim()) ? null : t('idp.needIssuer')),
      clientId: (value) => (value.trim() ? null : t('idp.needClient')),
      clientSecret: (value) => (value ? null : t('idp.needClient')),
      roles: (value) => (value.length > 0 ? null : t('idp.needRole')),
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ acr, amr, ...rest }) =>
        add.mutate(
          {
            ...rest,
            name: rest.name.trim(),
            issuer: rest.issuer.trim().replace(/\/$/, ''),
            clientId: rest.clientId.trim(),
            secondFactor: { acr: words(acr), amr: words(amr) },
          },
          { onSuccess: onMade },
        ),
      )}
    >
      <Stack gap="md">
        {add.error &&
          (asApiError(add.error).status === 400 ? (
            <Notice tone="bad" title={t('form.refused')} />
          ) : (
            <Trouble error={add.error} kept />
          ))}
        <TextInput label={t('idp.name')} data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label={t('idp.issuer')}
          description={t('idp.issuerHelp')}
          {...form.getInputProps('issuer')}
        />
        <TextInput
          label={t('idp.clientId')}
          autoComplete="off"
          {...form.getInputProps('clientId')}
        />
        <PasswordInput
          label={t('idp.clientSecret')}
          size="md"
          autoComplete="off"
          {...form.getInputProps('clientSecret')}
        />
        <MultiSelect
          label={t('idp.roles')}
          size="md"
          data={roles.map((value) => ({ value, label: shell(`role.${value}`) }))}
          {...form.getInputProps('roles')}
        />
        <TextInput
          label={t('idp.amr')}
          description={t('idp.factorHelp')}
          {...form.getInputProps('amr')}
        />
        <TextInput label={t('idp.acr')} {...form.getInputProps('acr')} />
        <Checkbox
          label={t('idp.linkByEmail')}
          description={t('idp.linkHelp')}
          size="md"
          {...form.getInputProps('linkByEmail', { type: 'checkbox' })}
        />
        <Button type="submit" loading={add.isPending}>
          {t('idp.add')}
        </Button>
      </Stack>
    </form>
  );
}
