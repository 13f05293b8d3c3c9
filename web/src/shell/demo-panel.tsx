/** The demo clinic's open door: one click a person, on loopback only (the server decides). */
import { Avatar } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconArrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DemoAccounts, Me } from '@afar/access/contract';
import { Trouble } from '../kit/trouble.tsx';
import { useSession } from './session.ts';
import classes from './sign-in.module.css';

interface Props {
  accounts: DemoAccounts['accounts'];
  onSignedIn: (me: Me) => void;
}

export function DemoPanel({ accounts, onSignedIn }: Props) {
  const { t } = useTranslation('shell');
  const { demo } = useSession();
  const enter = useMutation({ mutationFn: demo, onSuccess: onSignedIn });
  return (
    <section className={classes.demo} aria-labelledby="demo-title">
      <h2 id="demo-title" className={classes.demoTitle}>
        {t('demoPanel.title')}
      </h2>
      <p className={classes.demoText}>{t('demoPanel.text')}</p>
      {enter.error && <Trouble error={enter.error} />}
      <ul className={classes.people}>
        {accounts.map((one) => (
          <li key={one.email}>
            <button
              type="button"
              className={classes.person}
              disabled={enter.isPending}
              data-testid={`demo-${one.role}`}
              aria-label={t('demoPanel.one', { name: one.name, role: t(`role.${one.role}`) })}
              onClick={() => enter.mutate(one.email)}
            >
              <Avatar name={one.name} color="lagoon" size={38} radius="xl" />
              <span className={classes.personWords}>
                <span className={classes.personName}>{one.name}</span>
                <span className={classes.personRole}>{t(`role.${one.role}`)}</span>
              </span>
              <IconArrowRight size={18} aria-hidden="true" className={classes.go} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
