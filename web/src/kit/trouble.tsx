/** A problem, told in three parts: what happened, what was kept, what to do next. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError, type ApiError } from './api.ts';
import classes from './notice.module.css';

type Kind =
  | 'proof'
  | 'locked'
  | 'licence'
  | 'offline'
  | 'busy'
  | 'failed'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'elsewhere'
  | 'full'
  | 'invalid';

export function kindOf(error: ApiError): Kind {
  if (error.reason === 'step-up-required') return 'proof';
  if (error.reason === 'read-only' || error.reason === 'closed') return 'locked';
  if (error.reason === 'licence-required') return 'licence';
  if (error.reason === 'patient-elsewhere') return 'elsewhere';
  if (error.reason === 'too-many-bookings') return 'full';
  if (error.status === 0) return 'offline';
  if (error.status === 429 || error.status === 503) return 'busy';
  if (error.status === 403 || error.status === 401) return 'forbidden';
  if (error.status === 404 || error.status === 410) return 'not-found';
  if (error.status === 409 || error.status === 412) return 'conflict';
  return error.status < 500 ? 'invalid' : 'failed';
}

interface TroubleProps {
  error: unknown;
  /** Loads again or repeats the action. */
  retry?: () => void;
  /** True when the person had typed something that is still on screen. */
  kept?: boolean;
}

export function Trouble({ error, retry, kept = false }: TroubleProps) {
  const { t } = useTranslation();
  const kind = kindOf(asApiError(error));
  return (
    <Notice
      tone="bad"
      title={t(`trouble.${kind}.title`)}
      icon={kind === 'offline' ? IconCloudOff : IconAlertTriangle}
      action={
        retry && (
          <Button variant="default" size="sm" onClick={retry}>
            {t('retry')}
          </Button>
        )
      }
    >
      {t(`trouble.${kind}.text`)} {kept && t('trouble.kept')}
    </Notice>
  );
}

interface NoticeProps {
  tone?: 'calm' | 'good' | 'warm' | 'bad';
  title: string;
  icon?: typeof IconInfoCircle;
  action?: ReactNode;
  children?: ReactNode;
}

/** A word to the reader inside a page. Bad news interrupts a screen reader, the rest waits its turn. */
export function Notice({ tone = 'calm', title, icon, action, children }: NoticeProps) {
  const Icon = icon ?? (tone === 'bad' ? IconAlertTriangle : IconInfoCircle);
  return (
    <div className={classes.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={24} stroke={1.8} aria-hidden="true" className={classes.icon} />
      <div className={classes.body}>
        <p className={classes.title}>{title}</p>
        {children && <div className={classes.text}>{children}</div>}
      </div>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
