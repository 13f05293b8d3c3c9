/** Where the code goes: a mail address or a telephone. */
import { Button, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  CodeAnswer,
  CodeRequest,
  InvitationKey,
  RegisterChannel,
} from '@afar/enrolment/contract';
import { asApiError } from '../kit/api.ts';
import { Part, StepTrouble } from './part.tsx';
import { askCode } from './queries.ts';

interface Props {
  step: number;
  of: number;
  channels: RegisterChannel[];
  invitation: InvitationKey | undefined;
  onSent: (asked: CodeRequest, sent: CodeAnswer) => void;
}

const looksRight = (channel: RegisterChannel, text: string): boolean =>
  channel === 'mail' ? /^[^\s@]+@[^\s@]+$/.test(text) : /^(\+|00)[\d\s()./-]{6,20}$/.test(text);

export function AddressStep({ step, of, channels, invitation, onSent }: Props) {
  const { t, i18n } = useTranslation('register');
  const [channel, setChannel] = useState<RegisterChannel>(channels[0] ?? 'mail');
  const [address, setAddress] = useState('');
  const [wrong, setWrong] = useState(false);
  const asking = useMutation({
    mutationFn: askCode,
    onSuccess: (sent, asked) => onSent(asked, sent),
  });
  const refused = asking.error && asApiError(asking.error).issues[0]?.expression?.[0] === 'address';
  return (
    <Part step={step} of={of} title={t('address.title')} lead={t('address.lead')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const text = address.trim();
          setWrong(!looksRight(channel, text));
          if (!looksRight(channel, text)) return;
          asking.mutate({
            channel,
            address: text,
            locale: i18n.language,
            ...(invitation && { invitation }),
          });
        }}
      >
        <Stack gap="md">
          {!refused && <StepTrouble error={asking.error} />}
          {channels.length > 1 && (
            <SegmentedControl
              fullWidth
              aria-label={t('address.by')}
              value={channel}
              onChange={(value) => {
                setChannel(value as RegisterChannel);
                setWrong(false);
              }}
              data={channels.map((value) => ({ value, label: t(`address.${value}`) }))}
            />
          )}
          <TextInput
            key={channel}
            label={t(`address.${channel}Label`)}
            {...(channel === 'sms' && { description: t('address.smsHelp') })}
            size="md"
            type={channel === 'mail' ? 'email' : 'tel'}
            inputMode={channel === 'mail' ? 'email' : 'tel'}
            autoComplete={channel === 'mail' ? 'email' : 'tel'}
            autoCapitalize="none"
            spellCheck={false}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            error={(wrong || refused) && t(`address.${channel}Wrong`)}
          />
          <Button type="submit" size="lg" fullWidth loading={asking.isPending}>
            {t('address.send')}
          </Button>
        </Stack>
      </form>
    </Part>
  );
}
