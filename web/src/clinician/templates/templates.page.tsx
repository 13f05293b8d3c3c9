/** The words a clinician writes with: note templates, phrases, order sets; on the office's page the clinic's. */
import { Badge, Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Template, TemplateKind } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Page, Pending, Section } from '../../kit/page.tsx';
import { Trouble } from '../../kit/trouble.tsx';
import { useMe } from '../../shell/session.ts';
import classes from '../inbox/inbox.module.css';
import { DeskTabs } from '../inbox/tabs.tsx';
import { OfficeTabs } from '../../office/office-tabs.tsx';
import { templatesQuery } from './queries.ts';
import { TemplateForm } from './template-form.tsx';

const kinds: readonly TemplateKind[] = ['note', 'phrase', 'orders'];

export function TemplatesPage() {
  const { t } = useTranslation('templates');
  const office = useMe().role === 'administrator';
  const templates = useQuery(templatesQuery);
  const [editing, setEditing] = useState<{ kind: TemplateKind; template?: Template }>();
  return (
    <Page title={t('title')} lead={t(office ? 'leadClinic' : 'lead')}>
      {office ? <OfficeTabs /> : <DeskTabs />}
      {templates.isPending && <Pending rows={3} height={64} />}
      {templates.isError && (
        <Trouble error={templates.error} retry={() => void templates.refetch()} />
      )}
      {templates.data &&
        kinds.map((kind) => (
          <Section
            key={kind}
            title={t(`kind.${kind}`)}
            actions={
              <Button
                variant="default"
                size="sm"
                leftSection={<IconPlus size={18} aria-hidden="true" />}
                onClick={() => setEditing({ kind })}
                data-testid={`new-${kind}`}
              >
                {t(`new.${kind}`)}
              </Button>
            }
          >
            <Kind
              all={templates.data.filter((one) => one.kind === kind)}
              office={office}
              onEdit={(template) => setEditing({ kind, template })}
            />
          </Section>
        ))}
      <Dialog
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
        size="lg"
        title={editing?.template?.name ?? (editing && t(`new.${editing.kind}`))}
      >
        {editing && <TemplateForm {...editing} onDone={() => setEditing(undefined)} />}
      </Dialog>
    </Page>
  );
}

interface KindProps {
  all: Template[];
  office: boolean;
  onEdit: (template: Template) => void;
}

function Kind({ all, office, onEdit }: KindProps) {
  const { t } = useTranslation('templates');
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => api.remove(`/api/templates/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: templatesQuery.queryKey }),
  });
  if (all.length === 0) return <p className={classes.soft}>{t('none')}</p>;
  return (
    <>
      {remove.error && <Trouble error={remove.error} />}
      <ul className={classes.lines}>
        {all.map((one) => (
          <li key={one.id} className={classes.line}>
            <span className={classes.who}>{one.name}</span>
            {one.abbr && <code>.{one.abbr}</code>}
            <Badge color={one.scope === 'clinic' ? 'lagoon' : 'gray'}>{t(one.scope)}</Badge>
            {(one.scope === 'own' || office) && (
              <Group gap="xs" className={classes.push!}>
                <Button size="compact-md" variant="subtle" onClick={() => onEdit(one)}>
                  {t('edit')}
                </Button>
                <Button
                  size="compact-md"
                  variant="subtle"
                  color="brick"
                  loading={remove.isPending}
                  onClick={() => remove.mutate(one.id)}
                >
                  {t('remove')}
                </Button>
              </Group>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
