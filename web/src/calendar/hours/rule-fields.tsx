/** How visits are made of open hours: length, buffers, how many at once, how near and how far, how, and who says yes. */
import { Checkbox, Group, MultiSelect, NumberInput, Radio, Stack, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ScheduleRule, VisitMode } from '@afar/visits/contract';
import { resourcesQuery } from '../queries.ts';
import classes from './hours.module.css';

const modes: readonly VisitMode[] = ['video', 'audio', 'chat', 'in-person'];

interface Props {
  rule: ScheduleRule;
  onChange: (change: Partial<ScheduleRule>) => void;
  faultAt: (expression: string) => boolean;
}

/** Bounds of each number, as the server keeps them. */
const numbers = {
  slotMinutes: [5, 480],
  bufferBefore: [0, 120],
  bufferAfter: [0, 120],
  capacity: [1, 100],
} as const;

const day = 1440;

export function RuleFields({ rule, onChange, faultAt }: Props) {
  const { t } = useTranslation('hours');
  const { t: common } = useTranslation();
  const rooms = useQuery(resourcesQuery).data?.filter((one) => one.kind === 'room' && one.active);
  const fault = (name: string) => faultAt(name) && t('faults.number');
  return (
    <Stack gap="lg">
      <div className={classes.numbers}>
        {(Object.keys(numbers) as (keyof typeof numbers)[]).map((name) => (
          <NumberInput
            key={name}
            label={t(`rule.${name}`)}
            description={t(`rule.${name}Hint`)}
            min={numbers[name][0]}
            max={numbers[name][1]}
            allowDecimal={false}
            value={rule[name]}
            error={fault(name)}
            onChange={(value) => onChange({ [name]: Number(value) })}
          />
        ))}
        <NumberInput
          label={t('rule.noticeHours')}
          description={t('rule.noticeHint')}
          min={0}
          max={720}
          decimalScale={2}
          value={Math.round((rule.noticeMinutes / 60) * 100) / 100}
          error={fault('noticeMinutes')}
          onChange={(value) => onChange({ noticeMinutes: Math.round(Number(value) * 60) })}
        />
        <NumberInput
          label={t('rule.horizonDays')}
          description={t('rule.horizonHint')}
          min={1}
          max={730}
          allowDecimal={false}
          value={rule.horizonDays}
          error={fault('horizonDays')}
          onChange={(value) => onChange({ horizonDays: Number(value) })}
        />
      </div>
      <Checkbox.Group
        label={t('rule.modes')}
        value={rule.modes}
        error={faultAt('modes') && t('faults.modes')}
        onChange={(next) => onChange({ modes: modes.filter((one) => next.includes(one)) })}
      >
        <Group mt="xs" gap="lg">
          {modes.map((mode) => (
            <Checkbox key={mode} value={mode} label={common(`visitMode.${mode}`)} />
          ))}
        </Group>
      </Checkbox.Group>
      {rule.modes.includes('in-person') && rooms && rooms.length > 0 && (
        <MultiSelect
          label={t('rule.rooms')}
          description={t('rule.roomsHint')}
          data={rooms.map((one) => ({ value: one.id, label: one.name }))}
          value={rule.rooms ?? []}
          onChange={(next) => onChange({ rooms: next })}
        />
      )}
      <Radio.Group
        label={t('rule.confirmation')}
        value={rule.confirm ? 'asked' : 'once'}
        onChange={(value) => onChange({ confirm: value === 'asked' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="once" label={t('rule.bookedAtOnce')} />
          <Radio value="asked" label={t('rule.confirmFirst')} />
        </Stack>
      </Radio.Group>
      <div className={classes.numbers}>
        <NumberInput
          label={t('rule.cancelFreeHours')}
          description={t('rule.cancelHint')}
          min={0}
          max={336}
          allowDecimal={false}
          value={rule.cancelFreeHours ?? ''}
          error={fault('cancelFreeHours')}
          onChange={(value) =>
            onChange({ cancelFreeHours: value === '' ? undefined : Number(value) })
          }
        />
        <NumberInput
          label={t('rule.offerMinutes')}
          description={t('rule.offerHint')}
          min={5}
          max={day}
          allowDecimal={false}
          value={rule.offerMinutes ?? ''}
          placeholder="30"
          error={fault('offerMinutes')}
          onChange={(value) => onChange({ offerMinutes: value === '' ? undefined : Number(value) })}
        />
      </div>
      <Switch
        label={t('rule.active')}
        description={t('rule.activeHint')}
        checked={rule.active}
        onChange={(event) => onChange({ active: event.currentTarget.checked })}
      />
    </Stack>
  );
}
