/** What the stage says when there is no picture to speak for itself. */
import { Loader } from '@mantine/core';
import { IconAlertTriangle, IconShieldX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './call.module.css';
import type { CallState } from './call-session.ts';

type Message = 'joining' | 'alone' | 'away' | 'securing' | 'mending' | 'unopened' | 'tampered';

/** The one thing to say now; undefined while all is well. */
export function messageOf({ link }: CallState): Message | undefined {
  if (link.warning) return link.warning;
  if (link.phase === 'mending' || link.phase === 'securing')
    return link.remotePresent ? link.phase : 'away';
  return link.phase === 'joining' || link.phase === 'alone' ? link.phase : undefined;
}

const waits = new Set<Message>(['joining', 'securing', 'mending']);

interface Props {
  state: CallState;
  name: string;
  compact: boolean;
}

export function StageMessage({ state, name, compact }: Props) {
  const { t } = useTranslation('call');
  const message = messageOf(state);
  return (
    <div className={classes.messages} role="status" data-testid="call-message">
      {message && (
        <div className={classes.message} data-kind={message}>
          {waits.has(message) && <Loader size="sm" color="white" type="dots" />}
          {message === 'unopened' && <IconAlertTriangle size={28} aria-hidden="true" />}
          {message === 'tampered' && <IconShieldX size={32} aria-hidden="true" />}
          <p className={classes.messageTitle}>{t(`message.${message}.title`, { name })}</p>
          {!compact && (
            <p className={classes.messageText}>{t(`message.${message}.text`, { name })}</p>
          )}
        </div>
      )}
    </div>
  );
}
