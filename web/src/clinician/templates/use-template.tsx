/** The menu beside a note that puts a whole template in, filled from the chart. */
import { Button, Menu } from '@mantine/core';
import { IconTemplate } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { NoteSections, Template } from '@afar/visits/contract';
import { appended, filled } from './phrases.ts';
import { chartFieldsQuery, templatesQuery } from './queries.ts';

interface Props {
  visit: string;
  sections: NoteSections;
  onWrite: (sections: NoteSections) => void;
}

export function UseTemplate({ visit, sections, onWrite }: Props) {
  const { t } = useTranslation('templates');
  const client = useQueryClient();
  const { data = [] } = useQuery(templatesQuery);
  const notes = data.filter((one) => one.kind === 'note');
  const put = useMutation({
    mutationFn: async (template: Template) => {
      const fields = await client.fetchQuery(chartFieldsQuery(visit)).catch(() => ({}));
      const more = template.body.sections;
      if (!more) return;
      const section = (name: keyof NoteSections): string =>
        appended(sections[name], filled(more[name], fields));
      onWrite({
        subjective: section('subjective'),
        objective: section('objective'),
        assessment: section('assessment'),
        plan: section('plan'),
      });
    },
  });
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button
          variant="subtle"
          size="compact-md"
          loading={put.isPending}
          leftSection={<IconTemplate size={18} aria-hidden="true" />}
          data-testid="use-template"
        >
          {t('use')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {notes.map((one) => (
          <Menu.Item key={one.id} onClick={() => put.mutate(one)}>
            {one.name}
          </Menu.Item>
        ))}
        {notes.length === 0 && <Menu.Label>{t('useNone')}</Menu.Label>}
        <Menu.Divider />
        <Menu.Item component={Link} to="/clinician/templates">
          {t('manage')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
