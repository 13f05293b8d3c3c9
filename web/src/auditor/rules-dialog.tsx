/** The rules behind the alerts: on or off, from how many on, within how long, and whether the person is held up. */
import { Button, NumberInput, Stack, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnomalyRule, AnomalyRules, AnomalyRuleSetting } from '@afar/access/contract';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import classes from './oversight.module.css';
import { rulesQuery } from './queries.ts';

const minute = 60_000;

export function RulesDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('oversight');
  const rules = useQuery({ ...rulesQuery, enabled: opened });
  return (
    <Dialog opened={opened} onClose={onClose} title={t('rules.title')} size="lg">
      {rules.isPending && <Pending rows={4} height={64} />}
      {rules.isError && <Trouble error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && (
        <Stack gap="lg">
          {(Object.keys(rules.data) as AnomalyRule[]).map((name) => (
            <RuleForm key={name} name={name} rule={rules.data[name]} />
          ))}
        </Stack>
      )}
    </Dialog>
  );
}

function RuleForm({ name, rule }: { name: AnomalyRule; rule: AnomalyRuleSetting }) {
  const { t } = useTranslation('oversight');
  const client = useQueryClient();
  const [draft, setDraft] = useState(rule);
  const changed = JSON.stringify(draft) !== JSON.stringify(rule);
  const save = useMutation({
    mutationFn: () => api.put<AnomalyRules>(`/api/auditor/rules/${name}`, draft),
    onSuccess: (rules) => {
      client.setQueryData(rulesQuery.queryKey, rules);
      setDraft(rules[name]);
    },
  });
  const title = t(`rule.${name}.title`);
  // What is told one by one has no number to set.
  const counted = !['wrong-access', 'seal-broken'].includes(name);
  return (
    <form
      className={classes.rule}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Switch
        label={title}
        description={t(`rule.${name}.about`)}
        checked={draft.enabled}
        onChange={(event) => setDraft({ ...draft, enabled: event.currentTarget.checked })}
      />
      {draft.enabled && counted && (
        <div className={classes.ruleFields}>
          <NumberInput
            label={t('rules.threshold')}
            min={1}
            max={1_000_000}
            value={draft.threshold}
            onChange={(value) => setDraft({ ...draft, threshold: Number(value) || 1 })}
          />
          <NumberInput
            label={t('rules.window')}
            min={1}
            value={draft.windowMs / minute}
            onChange={(value) => setDraft({ ...draft, windowMs: (Number(value) || 1) * minute })}
          />
          <NumberInput
            label={t('rules.throttle')}
            min={0}
            value={draft.throttleMs / minute}
            onChange={(value) => setDraft({ ...draft, throttleMs: (Number(value) || 0) * minute })}
          />
        </div>
      )}
      {save.isError && <Trouble error={save.error} kept />}
      {changed && (
        <Button type="submit" size="sm" loading={save.isPending}>
          {t('rules.save')}
        </Button>
      )}
    </form>
  );
}
