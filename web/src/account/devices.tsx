/** Devices: every browser she has signed in from, with a name, and the way to end it there. */
import { Badge, Button } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceRow } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import classes from './account.module.css';
import { browserOf, isPhone } from './browser-name.ts';
import { Card } from './card.tsx';
import { Confirm } from './confirm.tsx';
import { NameForm } from './name-form.tsx';
import { devicesQuery, useDevices } from './queries.ts';
import { useDay } from './use-day.ts';

function useNameOf(): (device: DeviceRow | undefined) => string {
  const { t } = useTranslation('account');
  return (device) => {
    if (!device) return '';
    if (device.name) return device.name;
    const known = browserOf(device.browser);
    return known ? t('devices.browser', known) : device.browser || t('devices.unknown');
  };
}

export function Devices() {
  const { t } = useTranslation('account');
  const list = useQuery(devicesQuery);
  const { rename, remove, removeOthers } = useDevices();
  const [renaming, setRenaming] = useState<DeviceRow>();
  const [removing, setRemoving] = useState<DeviceRow>();
  const [others, setOthers] = useState(false);
  const nameOf = useNameOf();
  const devices = list.data?.devices ?? [];
  return (
    <Card
      title={t('devices.title')}
      lead={t('devices.lead')}
      actions={
        devices.length > 1 && (
          <Button variant="default" onClick={() => setOthers(true)}>
            {t('devices.others')}
          </Button>
        )
      }
    >
      {list.isPending && <Pending rows={2} />}
      {list.error && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {devices.length > 0 && (
        <ul className={classes.list} data-testid="devices">
          {devices.map((one) => (
            <Device
              key={one.id}
              device={one}
              name={nameOf(one)}
              onRename={() => setRenaming(one)}
              onRemove={() => setRemoving(one)}
            />
          ))}
        </ul>
      )}
      <Dialog
        opened={renaming !== undefined}
        onClose={() => setRenaming(undefined)}
        title={t('devices.renameTitle')}
      >
        {renaming && (
          <NameForm
            initial={nameOf(renaming)}
            submit={t('devices.rename')}
            pending={rename.isPending}
            onName={(name) =>
              rename.mutate({ id: renaming.id, name }, { onSuccess: () => setRenaming(undefined) })
            }
          >
            {rename.error && <Trouble error={rename.error} kept />}
          </NameForm>
        )}
      </Dialog>
      <Confirm
        opened={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={t('devices.removeTitle', { name: nameOf(removing) })}
        text={t('devices.removeText')}
        action={t('devices.remove')}
        mutation={remove}
        onConfirm={() =>
          removing && remove.mutate(removing.id, { onSuccess: () => setRemoving(undefined) })
        }
      />
      <Confirm
        opened={others}
        onClose={() => setOthers(false)}
        title={t('devices.othersTitle')}
        text={t('devices.othersText')}
        action={t('devices.others')}
        mutation={removeOthers}
        onConfirm={() => removeOthers.mutate(undefined, { onSuccess: () => setOthers(false) })}
      />
    </Card>
  );
}

interface RowProps {
  device: DeviceRow;
  name: string;
  onRename: () => void;
  onRemove: () => void;
}

function Device({ device, name, onRename, onRemove }: RowProps) {
  const { t } = useTranslation('account');
  const day = useDay();
  const Icon = isPhone(device.browser) ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={classes.row}>
      <Icon size={24} aria-hidden="true" className={classes.icon} />
      <div>
        <p className={classes.rowName}>
          {name}
          {device.current && <Badge>{t('devices.current')}</Badge>}
        </p>
        <p className={classes.soft}>
          {t(device.signedIn ? 'devices.signedIn' : 'devices.known')} ·{' '}
          {t('devices.seen', { when: day(device.lastSeen) })}
          {device.ip && ` · ${t('devices.from', { ip: device.ip })}`}
        </p>
      </div>
      <div className={classes.actions}>
        <Button
          variant="default"
          size="sm"
          aria-label={`${t('devices.rename')}: ${name}`}
          onClick={onRename}
        >
          {t('devices.rename')}
        </Button>
        {!device.current && (
          <Button
            variant="default"
            size="sm"
            aria-label={`${t('devices.remove')}: ${name}`}
            onClick={onRemove}
          >
            {t('devices.remove')}
          </Button>
        )}
      </div>
    </li>
  );
}
