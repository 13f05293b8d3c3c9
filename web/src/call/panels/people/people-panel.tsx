/** Who may come into the visit besides the two: invited by a link, let in, sent away; and whom a supervisor speaks to aside. */
import { Button, CopyButton, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Guests, GuestView, InviteRequest, Invited } from '@afar/visits/contract';
import { api, asApiError } from '../../../kit/api.ts';
import { Qr } from '../../../kit/qr.tsx';
import { Notice, Trouble } from '../../../kit/trouble.tsx';
import { When } from '../../../kit/when.tsx';
import type { CallSession } from '../../call-session.ts';
import { guestsKey, useGuestList } from '../../group/use-guests.ts';
import classes from '../panels.module.css';

const kinds = ['interpreter', 'relative', 'colleague', 'observer', 'supervisor'] as const;
type Kind = (typeof kinds)[number];

interface Props {
  visitId: string;
  role: 'patient' | 'clinician';
  session: CallSession;
}

export function InvitePanel({ visitId, role, session }: Props) {
  const { t } = useTranslation(['panels', 'group']);
  const client = useQueryClient();
  const list = useGuestList(visitId, session.link, true);
  const [made, setMade] = useState<Invited>();
  const changed = (): void =>
    void client.invalidateQueries({ queryKey: guestsKey(visitId) as string[] });
  const deed = useMutation({
    mutationFn: ({ guest, name, body }: { guest: string; name: string; body?: unknown }) =>
      api.post<GuestView>(`/api/visits/${visitId}/guests/${guest}/${name}`, body),
    onSettled: changed,
  });
  const room: Guests['room'] = list.data?.room ?? 'open';
  const guests = list.data?.guests ?? [];
  const link = useSyncExternalStore(session.subscribe, () => session.state.link);
  return (
    <div className={classes.stack}>
      {room === 'two-only' && (
        <Notice tone="warm" title={t('people.twoOnly')}>
          {t('people.twoOnlyText')}
        </Notice>
      )}
      {room === 'full' && <Notice title={t('people.full')} />}
      {made ? (
        <MadeLink made={made} onDone={() => setMade(undefined)} />
      ) : (
        room !== 'two-only' && (
          <InviteForm
            visitId={visitId}
            role={role}
            onMade={(invited) => {
              setMade(invited);
              changed();
            }}
          />
        )
      )}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {deed.isError && <Trouble error={deed.error} />}
      {guests.length > 0 && (
        <>
          <h3>{t('people.invited')}</h3>
          <ul className={classes.list}>
            {guests.map((guest) => (
              <Guest
                key={guest.id}
                guest={guest}
                role={role}
                busy={deed.isPending}
                whispers={(
                  link.people.find(({ peer }) => peer === guest.peer)?.whispersTo ?? []
                ).includes(link.own?.peer ?? '')}
                own={link.own?.peer}
                canAside={link.engine !== 'livekit'}
                act={(name, body) => deed.mutate({ guest: guest.id, name, body })}
              />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

interface GuestProps {
  guest: GuestView;
  role: 'patient' | 'clinician';
  busy: boolean;
  whispers: boolean;
  own: string | undefined;
  /** The engine can keep from the others what is said to one. */
  canAside: boolean;
  act: (name: 'admit' | 'revoke' | 'whisper', body?: unknown) => void;
}

function Guest({ guest, role, busy, whispers, own, canAside, act }: GuestProps) {
  const { t } = useTranslation(['panels', 'group']);
  const { state } = guest;
  const live = ['invited', 'waiting', 'asking', 'admitted'].includes(state);
  const directs = role === 'clinician';
  const supervises = state === 'admitted' && guest.kind === 'supervisor';
  return (
    <li className={classes.item} data-testid="invited-guest" data-state={state}>
      <div className={classes.itemWho}>
        <strong>{guest.name}</strong>
        <span className={classes.soft}>
          {t(`group:role.${guest.kind}`)} · {t(`people.state.${state}`)}
          {guest.signedIn && ` · ${t('people.signedIn')}`}
        </span>
        {state === 'invited' && (
          <span className={classes.soft}>
            {' '}
            · {t('people.until')} <When at={guest.expiresAt} />
          </span>
        )}
      </div>
      <div className={classes.deeds}>
        {directs && state === 'waiting' && (
          <Button size="sm" loading={busy} onClick={() => act('admit')}>
            {t('group:admit')}
          </Button>
        )}
        {directs && canAside && supervises && own && guest.peer && (
          <Button
            size="sm"
            variant="default"
            aria-pressed={whispers}
            disabled={busy}
            onClick={() => act('whisper', { to: whispers ? [] : [own] })}
            data-testid="grant-whisper"
          >
            {t(whispers ? 'people.whisperOff' : 'people.whisperOn')}
          </Button>
        )}
        {live && (directs || state !== 'invited' || guest.invitedBy === 'patient') && (
          <Button
            size="sm"
            variant="default"
            disabled={busy}
            onClick={() => act('revoke')}
            data-testid="revoke-guest"
          >
            {t(state === 'admitted' ? 'group:eject' : 'people.revoke')}
          </Button>
        )}
      </div>
    </li>
  );
}

interface FormProps {
  visitId: string;
  role: 'patient' | 'clinician';
  onMade: (invited: Invited) => void;
}

function InviteForm({ visitId, role, onMade }: FormProps) {
  const { t } = useTranslation(['panels', 'group']);
  const [kind, setKind] = useState<Kind>(role === 'clinician' ? 'interpreter' : 'relative');
  const [name, setName] = useState('');
  const [hours, setHours] = useState<number | string>('');
  const invite = useMutation({
    mutationFn: (body: InviteRequest) => api.post<Invited>(`/api/visits/${visitId}/guests`, body),
    onSuccess: onMade,
  });
  const said = name.trim();
  const conflict = invite.isError && asApiError(invite.error).status === 409;
  return (
    <form
      className={`${classes.stack} ${classes.wide}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!said) return;
        const lasts = typeof hours === 'number' ? { hours } : {};
        invite.mutate({ kind, name: said, ...lasts });
      }}
    >
      {role === 'clinician' ? (
        <Select
          className={classes.wide}
          label={t('people.as')}
          allowDeselect={false}
          value={kind}
          onChange={(value) => setKind((value as Kind | null) ?? kind)}
          data={kinds.map((one) => ({ value: one, label: t(`group:role.${one}`) }))}
          comboboxProps={{ zIndex: 450 }}
          data-testid="invite-kind"
        />
      ) : (
        <p className={classes.soft}>{t('people.relativeText')}</p>
      )}
      {role === 'clinician' && <p className={classes.soft}>{t(`people.about.${kind}`)}</p>}
      <TextInput
        className={classes.wide}
        label={t('people.name')}
        description={t('people.nameText')}
        required
        maxLength={100}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-testid="invite-name"
      />
      {role === 'clinician' && (
        <NumberInput
          className={classes.wide}
          label={t('people.hours')}
          placeholder={t('people.hoursDefault')}
          min={1}
          max={72}
          allowDecimal={false}
          value={hours}
          onChange={setHours}
        />
      )}
      {conflict ? (
        <Notice tone="warm" title={t('people.tooMany')} />
      ) : (
        invite.isError && <Trouble error={invite.error} kept />
      )}
      <Button type="submit" loading={invite.isPending} disabled={!said} data-testid="make-link">
        {t('people.make')}
      </Button>
    </form>
  );
}

/** Shown once: nobody can read it again, not even who made it. */
function MadeLink({ made, onDone }: { made: Invited; onDone: () => void }) {
  const { t } = useTranslation(['panels', 'group']);
  const { guest, link } = made;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={`${classes.stack} ${classes.wide}`} data-testid="made-link">
      <h3 tabIndex={-1} ref={heading}>
        {t('people.linkFor', { name: guest.name, role: t(`group:role.${guest.kind}`) })}
      </h3>
      <p className={classes.link} data-testid="invite-link">
        {link}
      </p>
      <div className={classes.deeds}>
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button onClick={copy} variant={copied ? 'light' : 'filled'}>
              <span role="status">{t(copied ? 'people.copied' : 'people.copy')}</span>
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={onDone}>
          {t('people.another')}
        </Button>
      </div>
      <Qr value={link} label={t('people.qr', { name: guest.name })} />
      <p className={classes.soft}>
        {t('people.once')} {t('people.until')} <When at={guest.expiresAt} />
      </p>
    </div>
  );
}
