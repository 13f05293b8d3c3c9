/** An API client, made or changed: what it is, where its answers go, what it may ask for. */
import { Button, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { CreateClientRequest, OfficeClient } from '@afar/access/contract';
import { asApiError } from '../../kit/api.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';

interface Props {
  /** Absent: a new one. */
  client?: OfficeClient;
  error: Error | null;
  busy: boolean;
  onSubmit: (wanted: CreateClientRequest) => void;
}

const kinds = ['public', 'confidential', 'backend'] as const;

const auths = {
  public: ['none'],
  confidential: ['client_secret_basic', 'private_key_jwt'],
  backend: ['private_key_jwt', 'client_secret_basic'],
} as const;

const suggested = {
  public: 'openid fhirUser launch launch/patient online_access patient/*.rs',
  confidential: 'openid fhirUser launch launch/patient offline_access patient/*.rs',
  backend: 'system/Patient.rs system/Observation.rs',
} as const;

const lines = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** A key set that was pasted; undefined when it is none. */
function keysIn(text: string): CreateClientRequest['jwks'] | undefined {
  try {
    const found = JSON.parse(text) as CreateClientRequest['jwks'];
    return Array.isArray(found?.keys) ? found : undefined;
  } catch {
    return undefined;
  }
}

export function ClientForm({ client, error, busy, onSubmit }: Props) {
  const { t } = useTranslation('clients');
  const kind = client?.kind ?? 'public';
  const form = useForm({
    initialValues: {
      name: client?.name ?? '',
      publisher: client?.publisher ?? '',
      kind: kind as OfficeClient['kind'],
      auth: (client?.auth ?? 'none') as OfficeClient['auth'],
      scope: client?.scope ?? suggested.public,
      redirectUris: client?.redirectUris.join('\n') ?? '',
      launchUri: client?.launchUri ?? '',
      jwksUri: client?.jwksUri ?? '',
      jwks: client?.jwks ? JSON.stringify(client.jwks) : '',
    },
    validate: {
      name: (value) => (value.trim() ? null : t('form.needName')),
      scope: (value) => (value.trim() ? null : t('form.needScope')),
      redirectUris: (value, all) =>
        all.kind !== 'backend' && lines(value).length === 0 ? t('form.needRedirect') : null,
      jwks: (value, { auth, jwksUri }) =>
        auth === 'private_key_jwt' && !jwksUri.trim() && !keysIn(value) ? t('form.needKeys') : null,
    },
  });
  const { values } = form;
  const choose = (next: OfficeClient['kind']): void => {
    form.setValues({ kind: next, auth: auths[next][0], scope: suggested[next] });
  };
  const refused =
    error && asApiError(error).status === 400 ? asApiError(error).issues[0] : undefined;

  return (
    <form
      noValidate
      onSubmit={form.onSubmit((wanted) => {
        const keys = keysIn(wanted.jwks);
        const signs = wanted.auth === 'private_key_jwt';
        const optional = (text: string) => (client ? { text } : text.trim() ? { text } : undefined);
        onSubmit({
          name: wanted.name,
          kind: wanted.kind,
          auth: wanted.auth,
          scope: lines(wanted.scope).join(' '),
          redirectUris: wanted.kind === 'backend' ? [] : lines(wanted.redirectUris),
          ...(optional(wanted.publisher) && { publisher: wanted.publisher }),
          ...(wanted.kind !== 'backend' &&
            optional(wanted.launchUri) && { launchUri: wanted.launchUri }),
          ...(signs && wanted.jwksUri.trim() && { jwksUri: wanted.jwksUri }),
          ...(signs && !wanted.jwksUri.trim() && keys && { jwks: keys }),
        });
      })}
    >
      <Stack gap="md">
        {refused && (
          <Notice tone="bad" title={t('form.refused')}>
            {refused.diagnostics}
          </Notice>
        )}
        {error && !refused && <Trouble error={error} kept />}
        <TextInput
          label={t('form.name')}
          description={t('form.nameHelp')}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput label={t('form.publisher')} {...form.getInputProps('publisher')} />
        {!client && (
          <Select
            label={t('form.kind')}
            size="md"
            allowDeselect={false}
            data={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
            value={values.kind}
            onChange={(value) => choose((value ?? 'public') as OfficeClient['kind'])}
          />
        )}
        {!client && values.kind !== 'public' && (
          <Select
            label={t('form.auth')}
            size="md"
            allowDeselect={false}
            data={auths[values.kind].map((value) => ({ value, label: t(`auth.${value}`) }))}
            {...form.getInputProps('auth')}
          />
        )}
        {values.kind !== 'backend' && (
          <>
            <Textarea
              label={t('form.redirectUris')}
              description={t('form.redirectHelp')}
              autosize
              minRows={2}
              {...form.getInputProps('redirectUris')}
            />
            <TextInput
              label={t('form.launchUri')}
              description={t('form.launchHelp')}
              {...form.getInputProps('launchUri')}
            />
          </>
        )}
        {values.auth === 'private_key_jwt' && (
          <>
            <TextInput label={t('form.jwksUri')} {...form.getInputProps('jwksUri')} />
            <Textarea
              label={t('form.jwks')}
              autosize
              minRows={3}
              maxRows={8}
              {...form.getInputProps('jwks')}
            />
          </>
        )}
        <Textarea
          label={t('form.scope')}
          description={t('form.scopeHelp')}
          autosize
          minRows={2}
          {...form.getInputProps('scope')}
        />
        <Button type="submit" loading={busy}>
          {t(client ? 'form.save' : 'form.submit')}
        </Button>
      </Stack>
    </form>
  );
}
