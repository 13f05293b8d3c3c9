/** Passkeys: made, named, removed. */
import { Badge, Button } from '@mantine/core';
import { IconFingerprint, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Factors, PasskeyRow } from '@afar/access/contract';
import { ApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { hasPasskeys, isThere } from '../shell/passkey.ts';
import classes from './account.module.css';
import { browserOf } from './browser-name.ts';
import { Card } from './card.tsx';
import { Confirm } from './confirm.tsx';
import { NameForm } from './name-form.tsx';
import { useFactors } from './queries.ts';
import { useDay } from './use-day.ts';

interface Props {
  factors: Factors;
  onCodes: (codes: string[]) => void;
}

export function Passkeys({ factors, onCodes }: Props) {
  const { t } = useTranslation('account');
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<PasskeyRow>();
  const [removing, setRemoving] = useState<PasskeyRow>();
  const { renamePasskey, removePasskey } = useFactors();
  const day = useDay();
  return (
    <Card
      title={t('passkeys.title')}
      lead={t('passkeys.lead')}
      actions={
        hasPasskeys() && (
          <Button
            leftSection={<IconPlus size={18} aria-hidden="true" />}
            onClick={() => setAdding(true)}
            data-testid="add-passkey"
          >
            {t('passkeys.add')}
          </Button>
        )
      }
    >
      {!hasPasskeys() && <p className={classes.lead}>{t('passkeys.unsupported')}</p>}
      {factors.passkeys.length > 0 && (
        <ul className={classes.list} data-testid="passkeys">
          {factors.passkeys.map((one) => (
            <li key={one.id} className={classes.row}>
              <IconFingerprint size={24} aria-hidden="true" className={classes.icon} />
              <div>
                <p className={classes.rowName}>
                  {one.name}
                  {one.synced && <Badge variant="light">{t('passkeys.synced')}</Badge>}
                </p>
                <p className={classes.soft}>
                  {t('passkeys.added', { when: day(one.created) })} ·{' '}
                  {one.lastUsed === undefined
                    ? t('passkeys.unused')
                    : t('passkeys.used', { when: day(one.lastUsed) })}
                </p>
              </div>
              <div className={classes.actions}>
                <Button
                  variant="default"
                  size="sm"
                  aria-label={`${t('passkeys.rename')}: ${one.name}`}
                  onClick={() => setRenaming(one)}
                >
                  {t('passkeys.rename')}
                </Button>
                <Button
                  variant="default"
                  size="sm"
                  aria-label={`${t('passkeys.remove')}: ${one.name}`}
                  onClick={() => setRemoving(one)}
                >
                  {t('passkeys.remove')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Dialog opened={adding} onClose={() => setAdding(false)} title={t('passkeys.addTitle')}>
        <AddPasskey
          onMade={(codes) => {
            setAdding(false);
            if (codes) onCodes(codes);
          }}
        />
      </Dialog>
      <Dialog
        opened={renaming !== undefined}
        onClose={() => setRenaming(undefined)}
        title={t('passkeys.rename')}
      >
        {renaming && (
          <NameForm
            initial={renaming.name}
            submit={t('passkeys.rename')}
            pending={renamePasskey.isPending}
            onName={(name) =>
              renamePasskey.mutate(
                { id: renaming.id, name },
                { onSuccess: () => setRenaming(undefined) },
              )
            }
          >
            {renamePasskey.error && <Trouble error={renamePasskey.error} kept />}
          </NameForm>
        )}
      </Dialog>
      <Confirm
        opened={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={t('passkeys.removeTitle', { name: removing?.name ?? '' })}
        text={t('passkeys.removeText')}
        action={t('passkeys.remove')}
        mutation={removePasskey}
        onConfirm={() =>
          removing && removePasskey.mutate(removing.id, { onSuccess: () => setRemoving(undefined) })
        }
      />
    </Card>
  );
}

function AddPasskey({ onMade }: { onMade: (codes?: string[]) => void }) {
  const { t } = useTranslation('account');
  const { addPasskey } = useFactors();
  const { error } = addPasskey;
  const here = browserOf(navigator.userAgent);
  return (
    <NameForm
      initial={here ? t('devices.browser', here) : ''}
      lead={t('passkeys.addText')}
      submit={t('passkeys.go')}
      pending={addPasskey.isPending}
      onName={(name) =>
        addPasskey.mutate(name, { onSuccess: ({ recoveryCodes }) => onMade(recoveryCodes) })
      }
    >
      {error && isThere(error) && <Notice tone="bad" title={t('passkeys.exists')} />}
      {error && !isThere(error) && !(error instanceof ApiError) && (
        <Notice tone="bad" title={t('passkeys.failed')} />
      )}
      {error instanceof ApiError && <Trouble error={error} kept />}
    </NameForm>
  );
}
