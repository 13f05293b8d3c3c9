/** The demo clinic's open door: one click a person, on loopback only (the server decides). */
import { Anchor, Avatar, Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconArrowRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DemoAccounts, Me, SignInRole } from '@afar/access/contract';
import { Trouble } from '../kit/trouble.tsx';
import { useSession } from './session.ts';
import { plainName } from '../kit/plain-name.ts';
import classes from './sign-in.module.css';

interface Props {
  accounts: DemoAccounts['accounts'];
  onSignedIn: (me: Me) => void;
}

const front: SignInRole[] = ['patient', 'practitioner', 'nurse', 'administrator', 'auditor'];
const order: SignInRole[] = [...front, 'trainee', 'resident', 'pharmacist', 'paramedic'];

/** Everybody in the order of a visit; of the five usual roles the first one in front. */
function inOrder(accounts: DemoAccounts['accounts']) {
  const sorted = accounts.toSorted(
    (one, other) => order.indexOf(one.role) - order.indexOf(other.role),
  );
  const first = front.flatMap((role) => sorted.find((one) => one.role === role) ?? []);
  return { sorted, first };
}

export function DemoPanel({ accounts, onSignedIn }: Props) {
  const { t } = useTranslation('shell');
  const { demo } = useSession();
  const [all, setAll] = useState(false);
  const { sorted, first } = inOrder(accounts);
  const enter = useMutation({ mutationFn: demo, onSuccess: onSignedIn });
  return (
    <section className={classes.demo} aria-labelledby="demo-title">
      <h2 id="demo-title" className={classes.demoTitle}>
        {t('demoPanel.title')}
      </h2>
      <p className={classes.demoText}>{t('demoPanel.text')}</p>
      {enter.error && <Trouble error={enter.error} />}
      <ul className={classes.people}>
        {(all ? sorted : first).map((one) => (
          <li key={one.email}>
            <button
              type="button"
              className={classes.person}
              disabled={enter.isPending}
              data-testid={`demo-${one.role}`}
              onClick={() => enter.mutate(one.email)}
            >
              <Avatar
                name={plainName(one.name)}
                color="lagoon"
                size={38}
                radius={999}
                aria-hidden="true"
              />
              <span className={classes.personWords}>
                <span className={classes.personName}>{one.name}</span>
                <span className={classes.personRole}>{t(`role.${one.role}`)}</span>
              </span>
              <IconArrowRight size={18} aria-hidden="true" className={classes.go} />
            </button>
          </li>
        ))}
      </ul>
      {!all && sorted.length > first.length && (
        <Button variant="subtle" size="sm" mt="xs" onClick={() => setAll(true)}>
          {t('demoPanel.all', { count: sorted.length })}
        </Button>
      )}
      <Anchor component={Link} to="/outbox" size="sm" display="block" mt="xs">
        {t('demoPanel.outbox')}
      </Anchor>
    </section>
  );
}
