/** One message: by whom, when, what, with what; and that the other side has seen it. */
import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Message } from '@afar/messaging/contract';
import { clockTime, weekDate } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import { FileView } from './files.tsx';
import classes from './messages.module.css';

export function Bubble({ message }: { message: Message }) {
  const { t } = useTranslation('messages');
  const { zone, locale } = useReader();
  const at = (instant: string): string =>
    `${weekDate(instant, zone, locale)}, ${clockTime(instant, zone, locale)}`;
  return (
    <li className={classes.message} data-you={message.by.you || undefined} data-testid="message">
      <p className={classes.by}>
        <span>{message.by.you ? t('you') : message.by.name || t(`side.${message.by.side}`)}</span>
        <time dateTime={message.at}>{at(message.at)}</time>
        {message.urgent && <Badge color="red">{t('urgent')}</Badge>}
      </p>
      <div className={classes.bubble}>
        {message.text && (
          <p className={classes.text} dir="auto">
            {message.text}
          </p>
        )}
        {message.attachments.length > 0 && (
          <div className={classes.attached}>
            {message.attachments.map((one) => (
              <FileView key={one.id} file={one} />
            ))}
          </div>
        )}
      </div>
      {message.by.you && message.seen && (
        <p className={classes.seen}>{t('seen', { when: at(message.seen) })}</p>
      )}
    </li>
  );
}
