/** Letting somebody in, or keeping somebody out: who, what, until when. */
import { Button, Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../kit/dialog.tsx';
import { dayKey } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useReader } from '../../shell/session.ts';
import { consentOf } from './consent-form.ts';
import { kindNames, type Kind } from './kinds.ts';
import { PersonPicker } from './person-picker.tsx';
import { sayConsent, type Someone } from './queries.ts';
import classes from './consents.module.css';

interface Props {
  type: 'permit' | 'deny';
  patient: string;
  /** In whose name it is said: `Patient/…` or `RelatedPerson/…`. */
  self: string;
  /** Already chosen. */
  someone?: Someone | undefined;
  onClose: () => void;
}

export function ConsentDialog({ type, patient, self, someone, onClose }: Props) {
  const { t } = useTranslation('consents');
  const { zone } = useReader();
  const client = useQueryClient();
  const [who, setWho] = useState(someone);
  const [everybody, setEverybody] = useState(false);
  const [part, setPart] = useState<'all' | 'some'>('all');
  const [what, setWhat] = useState<Kind[]>([]);
  const [until, setUntil] = useState('');
  const [tried, setTried] = useState(false);
  const allowing = type === 'permit';
  const today = dayKey(useNow(60_000), zone);
  const faults = {
    who: !who && !everybody,
    what: part === 'some' && what.length === 0,
    until: until !== '' && until < today,
  };
  const say = useMutation({
    mutationFn: () =>
      sayConsent(
        consentOf(
          {
            type,
            ...(!everybody && who && { who }),
            what: part === 'some' ? what : [],
            ...(until && { until }),
          },
          patient,
          self,
          new Date(),
        ),
      ),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ['consents', patient] }),
        client.invalidateQueries({ queryKey: ['reach', patient] }),
      ]);
      onClose();
    },
  });
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t(allowing ? 'form.allowTitle' : 'form.denyTitle')}
      size="lg"
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!Object.values(faults).some(Boolean)) say.mutate();
        }}
      >
        {!allowing && (
          <Checkbox
            label={t('form.everybody')}
            description={t('form.everybodyText')}
            checked={everybody}
            onChange={(event) => setEverybody(event.currentTarget.checked)}
          />
        )}
        {!everybody && (
          <PersonPicker
            value={who}
            onChange={setWho}
            error={tried && faults.who ? t('form.chooseWho') : undefined}
          />
        )}
        <div>
          <p className={classes.label} id="consent-what">
            {t('kind.label')}
          </p>
          <SegmentedControl
            fullWidth
            aria-labelledby="consent-what"
            value={part}
            onChange={(value) => setPart(value as 'all' | 'some')}
            data={(['all', 'some'] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
          />
          {part === 'some' && (
            <Checkbox.Group
              mt="md"
              aria-labelledby="consent-what"
              value={what}
              onChange={(value) => setWhat(value as Kind[])}
              error={tried && faults.what ? t('form.chooseWhat') : undefined}
            >
              <div className={classes.kinds}>
                {kindNames.map((kind) => (
                  <Checkbox key={kind} value={kind} label={t(`kind.${kind}`)} />
                ))}
              </div>
            </Checkbox.Group>
          )}
        </div>
        <TextInput
          type="date"
          label={t('form.until')}
          description={t('form.untilHint')}
          min={today}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={tried && faults.until ? t('form.past') : undefined}
        />
        {!allowing && (
          <Notice tone="warm" title={t('deny')}>
            {t('form.denyText')}
          </Notice>
        )}
        {say.isError && <Trouble error={say.error} kept />}
        <Button
          type="submit"
          color={allowing ? 'lagoon' : 'ember'}
          loading={say.isPending}
          data-testid="say-consent"
        >
          {t(allowing ? 'form.allowSend' : 'form.denySend')}
        </Button>
      </form>
    </Dialog>
  );
}
