/** Says that the network is gone, and once that it is back. */
import { onlineManager } from '@tanstack/react-query';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './frame.module.css';

const subscribe = (changed: () => void): (() => void) => onlineManager.subscribe(changed);

export const useOnline = (): boolean =>
  useSyncExternalStore(subscribe, () => onlineManager.isOnline());

export function OfflineBanner() {
  const { t } = useTranslation('shell');
  const online = useOnline();
  const wasOffline = useRef(false);
  const [back, setBack] = useState(false);

  useEffect(() => {
    if (!online) wasOffline.current = true;
    else if (wasOffline.current) {
      wasOffline.current = false;
      setBack(true);
      const timer = setTimeout(() => setBack(false), 4000);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [online]);

  return (
    <div role="status" className={classes.live}>
      {!online && (
        <p className={classes.offline}>
          <IconCloudOff size={20} aria-hidden="true" />
          {t('offline')}
        </p>
      )}
      {online && back && <p className={classes.online}>{t('online')}</p>}
    </div>
  );
}
