/** Whom she cares for, and what she agrees to; then the account is opened. */
import { ActionIcon, Anchor, Button, Checkbox, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash, IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DependantInput } from '@afar/enrolment/contract';
import { Dialog } from '../kit/dialog.tsx';
import { DependantForm } from './dependant-form.tsx';
import { Part, StepTrouble } from './part.tsx';
import classes from './register.module.css';

interface Props {
  step: number;
  of: number;
  family: string;
  majority: number;
  dependants: DependantInput[];
  pending: boolean;
  error: unknown;
  onChange: (dependants: DependantInput[]) => void;
  onOpen: () => void;
}

export function FamilyStep(props: Props) {
  const { step, of, family, majority, dependants, pending, error, onChange, onOpen } = props;
  const { t, i18n } = useTranslation('register');
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeZone: 'UTC' });
  const [adding, add] = useDisclosure(false);
  const [reading, terms] = useDisclosure(false);
  const [agreed, setAgreed] = useState(false);
  const [tried, setTried] = useState(false);
  return (
    <Part step={step} of={of} title={t('family.title')} lead={t('family.lead')}>
      <Stack gap="md">
        <StepTrouble error={error} />
        {dependants.length > 0 && (
          <ul className={classes.people}>
            {dependants.map((one, at) => (
              <li key={at} className={classes.person}>
                <span className={classes.personWords}>
                  <span className={classes.name}>
                    {one.given} {one.family}
                  </span>
                  <span className={classes.quiet}>
                    {t(`family.relations.${one.relation}`)} · {day.format(new Date(one.birthDate))}
                  </span>
                </span>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={t('family.remove', { name: one.given })}
                  onClick={() => onChange(dependants.filter((_, other) => other !== at))}
                >
                  <IconTrash size={20} aria-hidden="true" />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
        {adding ? (
          <DependantForm
            family={family}
            majority={majority}
            onCancel={add.close}
            onAdd={(one) => {
              onChange([...dependants, one]);
              add.close();
            }}
          />
        ) : (
          <Button
            variant="default"
            leftSection={<IconUserPlus size={20} aria-hidden="true" />}
            disabled={dependants.length >= 8}
            onClick={add.open}
          >
            {t(dependants.length === 0 ? 'family.add' : 'family.another')}
          </Button>
        )}
        <Checkbox
          size="md"
          checked={agreed}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
          label={t('terms.agree')}
          error={tried && !agreed && t('terms.need')}
        />
        <Anchor component="button" type="button" ta="start" onClick={terms.open}>
          {t('terms.read')}
        </Anchor>
        <Button
          size="lg"
          fullWidth
          loading={pending}
          disabled={adding}
          onClick={() => {
            setTried(true);
            if (agreed) onOpen();
          }}
        >
          {t('family.open')}
        </Button>
      </Stack>
      <Dialog opened={reading} onClose={terms.close} title={t('terms.title')} size="lg">
        <div className={classes.terms}>
          {(['what', 'who', 'yours', 'family', 'emergency', 'leave'] as const).map((part) => (
            <p key={part}>{t(`terms.${part}`)}</p>
          ))}
        </div>
      </Dialog>
    </Part>
  );
}
