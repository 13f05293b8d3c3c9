/** The header's switch between herself and her dependants; nothing for who has none. */
import { Menu, UnstyledButton } from '@mantine/core';
import { IconCheck, IconSwitchHorizontal, IconUsersGroup } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './subject.module.css';
import { useSubject } from './subject.ts';

export function SubjectSwitch() {
  const { t } = useTranslation('family');
  const navigate = useNavigate();
  const { dependant, dependants, choose } = useSubject();
  if (dependants.length === 0) return null;
  const go = (patient: string | undefined): void => {
    choose(patient);
    // What is open may be another person's: home is everybody's.
    void navigate({ to: '/patient' });
  };
  const mark = (on: boolean) => (on ? <IconCheck size={18} aria-hidden="true" /> : undefined);
  const shown = dependant?.name.split(' ')[0] ?? t('me');
  return (
    <Menu
      withInitialFocusPlaceholder={false}
      position="bottom-end"
      width={260}
      radius="lg"
      shadow="lg"
      withinPortal={false}
    >
      <Menu.Target>
        <UnstyledButton
          data-subject
          className={classes.switch}
          data-other={dependant !== undefined || undefined}
        >
          <IconSwitchHorizontal size={18} aria-hidden="true" />
          <span className="afar-hidden">{t('for')}</span>
          <span className={classes.whom}>{shown}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('for')}</Menu.Label>
        <Menu.Item rightSection={mark(!dependant)} onClick={() => go(undefined)}>
          {t('me')}
        </Menu.Item>
        {dependants.map((one) => (
          <Menu.Item
            key={one.related}
            rightSection={mark(dependant?.patient === one.patient)}
            onClick={() => go(one.patient)}
          >
            {one.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUsersGroup size={18} aria-hidden="true" />}
          onClick={() => void navigate({ to: '/patient/family' })}
        >
          {t('title')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
