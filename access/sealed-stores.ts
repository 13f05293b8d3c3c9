/** What this room keeps sealed under the clinic's key, for rotations of keys. */
import {
  countedColumn,
  givingWay,
  kidOf,
  sealedTable,
  type SealedStore,
  type Walk,
  type Walked,
} from '@afar/platform';
import {
  accountColumns,
  emailToken,
  openAccount,
  sealPersonal,
  type AccountRow,
} from './accounts/vault.ts';
import { bindLink, bindProvider, type LinkRow } from './external/providers.ts';
import { bindToken } from './oauth/adapter.ts';
import { bindGrant, standingIn, type GrantRow } from './oauth/app-grants.ts';
import { bindClient, type ClientRow } from './oauth/clients.ts';
import { bindSecret } from './oauth/signing-keys.ts';
import { bindNotice } from './notices/notices.ts';
import { bindPasskey, type PasskeyBound } from './passkeys/store.ts';
import { bindPush } from './contacts/devices.ts';
import { bindDevice } from './sessions/devices.ts';
import { bindApproval, type ApprovalRow } from './approvals/vault.ts';
import { bindMessage } from './post/post.ts';
import { bindLicence, type LicenceRow } from './licences/vault.ts';
import { bindLockdown } from './lockdown/lockdown.ts';
import { bindOrigin } from './audit/origin.ts';

/** Accounts carry a token of the e-mail address beside the sealed one: both follow the current keys. */
const accounts: SealedStore = {
  ...countedColumn({
    name: 'access.account',
    table: 'access.account',
    column: 'sealed',
    fate: 'kept',
  }),
  fate: 'resealed',
  async reseal({ db, keys, tenant, after, limit }: Walk): Promise<Walked> {
    const { rows } = await db.query<AccountRow & { email_token: number | string }>(
      `select ${accountColumns}, a.email_token from access.account a
       where a.tenant = $1 and ($2::uuid is null or a.id > $2) order by a.id limit $3`,
      [tenant, after ?? null, limit],
    );
    const key = await keys.tenant(tenant);
    let moved = 0;
    let busy = 0;
    for (const row of rows) {
      const account = openAccount(row, key);
      const token = emailToken(account.personal.email, key);
      const sealed =
        kidOf(row.sealed) === key.kid ? row.sealed : sealPersonal(account, account.personal, key);
      if (sealed === row.sealed && token === String(row.email_token)) continue;
      const done = await givingWay(db, (tx) =>
        tx.query(
          `update access.account set sealed = $4, email_token = $5
           where tenant = $1 and id = $2 and version = $3`,
          [tenant, row.id, row.version, sealed, token],
        ),
      );
      if (done?.rowCount) moved++;
      else busy++;
    }
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { seen: rows.length, moved, busy, ...(last && { next: last.id }) };
  },
};

interface OauthRow {
  kind: string;
  hash: Buffer;
  client_id: string | null;
  scope: string | null;
  expires: number | null;
}

export const accessSealedStores: readonly SealedStore[] = [
  accounts,
  sealedTable<ClientRow>({
    name: 'access.client',
    table: 'access.client',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.tenant', 't.client_id', 't.secret_hash', 't.scope', 't.wildcard', 't.status'],
    bind: (_tenant, row) => bindClient(row),
  }),
  sealedTable<OauthRow>({
    name: 'access.oauth',
    table: 'access.oauth',
    column: 'sealed',
    fate: 'resealed',
    id: { hash: 'bytea', kind: 'text' },
    columns: ['t.client_id', 't.scope', 't.expires'],
    bind: (tenant, { kind, hash, client_id: clientId, scope, expires }) =>
      bindToken({ tenant, kind, hash, clientId, scope, expires }),
  }),
  sealedTable<GrantRow>({
    name: 'access.app_grant',
    table: 'access.app_grant',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: [
      't.tenant',
      't.grant_hash',
      't.account',
      't.client',
      't.scope',
      't.patient',
      't.session',
      't.mfa',
      't.proven',
      't.expires',
    ],
    bind: (_tenant, row) => bindGrant(standingIn(row)),
  }),
  sealedTable<{ id: string; status: 'active' | 'disabled' }>({
    name: 'access.identity_provider',
    table: 'access.identity_provider',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.status'],
    bind: (tenant, row) => bindProvider({ tenant, ...row }),
  }),
  sealedTable<LinkRow>({
    name: 'access.identity_link',
    table: 'access.identity_link',
    column: 'sealed',
    fate: 'resealed',
    id: { subject: 'bytea' },
    columns: ['t.tenant', 't.provider', 't.account'],
    bind: (_tenant, row) => bindLink(row),
  }),
  sealedTable<{ kid: string; purpose: string }>({
    name: 'access.signing_key',
    table: 'access.signing_key',
    column: 'sealed',
    fate: 'resealed',
    id: { kid: 'text' },
    columns: ['t.purpose'],
    bind: (tenant, { purpose, kid }) => bindSecret(tenant, purpose, kid),
  }),
  sealedTable<object>({
    name: 'access.session',
    table: 'access.session',
    column: 'origin',
    fate: 'resealed',
    id: { hash: 'bytea' },
    bind: bindOrigin,
  }),
  sealedTable<{ hash: Buffer; account: string }>({
    name: 'access.device',
    table: 'access.device',
    column: 'sealed',
    fate: 'resealed',
    id: { hash: 'bytea' },
    columns: ['t.account'],
    bind: bindDevice,
  }),
  sealedTable<{ id: string; account: string }>({
    name: 'access.push_device',
    table: 'access.push_device',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.account'],
    bind: bindPush,
  }),
  sealedTable<PasskeyBound>({
    name: 'access.passkey',
    table: 'access.passkey',
    column: 'sealed',
    fate: 'resealed',
    id: { hash: 'bytea' },
    columns: ['t.id', 't.account', 't.created'],
    bind: bindPasskey,
  }),
  sealedTable<{ account: string; kind: string }>({
    name: 'access.notice',
    table: 'access.notice',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.account', 't.kind'],
    bind: (tenant, row) => bindNotice(tenant, row as { id: string; account: string; kind: string }),
  }),
  sealedTable<Omit<ApprovalRow, 'sealed'>>({
    name: 'access.approval',
    table: 'access.approval',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: [
      't.kind',
      't.state',
      't.asker',
      't.asker_role',
      't.beneficiary',
      't.asked',
      't.expires',
      't.decided',
      't.decider',
    ],
    bind: bindApproval,
  }),
  sealedTable<{ channel: string }>({
    name: 'access.message',
    table: 'access.message',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.channel'],
    bind: (tenant, row) => bindMessage(tenant, row as { id: string; channel: string }),
  }),
  sealedTable<LicenceRow>({
    name: 'access.licence',
    table: 'access.licence',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: [
      't.tenant',
      't.account',
      't.practitioner',
      't.version',
      't.state',
      't.jurisdictions',
      't.expires',
      't.entered_by',
      't.entered_at',
      't.decided_by',
      't.decided_at',
    ],
    bind: (_tenant, row) => bindLicence(row),
  }),
  sealedTable<Parameters<typeof bindLockdown>[0]>({
    name: 'access.lockdown',
    table: 'access.lockdown',
    column: 'sealed',
    fate: 'resealed',
    id: { tenant: 'int' },
    columns: ['t.mode', 't.since', 't.engaged_by', 't.home'],
    bind: (_tenant, row) => bindLockdown(row),
  }),
  // Part of the chain's hashes: sealed anew, the trail would not verify any more.
  countedColumn({
    name: 'access.audit_event',
    table: 'access.audit_event',
    column: 'origin',
    fate: 'kept',
  }),
];
