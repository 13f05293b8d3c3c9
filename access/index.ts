/** The door of access: who you are, what you may do, and the trail of it. */
import './http.ts';
export type { Caller, FhirUser, Role } from './caller.ts';
export {
  callerFor,
  clinicalRoles,
  defaultPurpose,
  nobody,
  roles,
  staffRoles,
  systemCaller,
  systemId,
} from './caller.ts';
export type { Verb } from './verbs.ts';
export { verbs } from './verbs.ts';
export type { Scope } from './scopes.ts';
export { formatScope, grantScopes, onlyOf, parseScope, parseScopes, scopesFor } from './scopes.ts';
export {
  hasContentRule,
  may,
  requireCaller,
  requireFresh,
  requireProof,
  requireRole,
} from './may.ts';
export { mayWrite, scopeAllows } from './may-write.ts';
export type { Compiled, Denial } from './consent/compile.ts';
export { compileConsent, consents, decides, speakersOf } from './consent/compile.ts';
export type { MemberRow } from './consent/members.ts';
export { compileMembers, makesMembers } from './consent/members.ts';
export { groupsAmong } from './accounts/memberships.ts';
export { emergencies, purposesServing, purposesWriting } from './consent/purposes.ts';
export type { GrantRow, HeldUntil } from './grants.ts';
export { isUuid } from './ids.ts';
export { instant, lastInstant } from './period.ts';
export { afterCare, compileGrants, keepsGrants } from './grants.ts';
export type { Audit, AuditEntry, Evidence } from './audit/entry.ts';
export type { NewAccount } from './accounts/accounts.ts';
export type { NewClient } from './oauth/clients.ts';
export type { AuditFault, AuditReport } from './audit/verify/faults.ts';
export type { BodyCheck, Progress as AuditProgress, WrittenBody } from './audit/verify/verify.ts';
export type { Custody } from './audit/custody.ts';
export type { Readers } from './audit/readers.ts';
export type { Anomalies } from './anomalies/anomalies.ts';
export type { KeptNotice, Notice, NoticeKind, Notices } from './notices/notices.ts';
export type { Contacts, PushSaid, Reach } from './contacts/contacts.ts';
export { beforeQuiet, isQuiet, quietEnds, type QuietHours } from './contacts/quiet.ts';
export { pushWords } from './contacts/words.ts';
export type { ContactTopic, ContactWay } from './contract-contacts.ts';
export type { Approvals } from './approvals/approvals.ts';
export type { About, Approval, ApprovalKind, Asked, Ran } from './approvals/kind.ts';
export type { CodePurpose, CodeRequest, Codes, CodeSent, CodeTry } from './codes/codes.ts';
export type { Allowances, Allowed } from './codes/allowance.ts';
export { normalEmail } from './accounts/vault.ts';
export { actsFor, reachOf } from './accounts/proxies.ts';
export { wordsOf } from './post/words.ts';
export { isLocal } from './routes/demo.ts';
export type { FailedMessage, Message, Post, PostChannel } from './post/post.ts';
export { newTotpSecret, totpCode } from './totp.ts';
export { passwordFault, randomPassword } from './passwords.ts';
export { loadBreached } from './breached/load.ts';
export type { Profile } from './profiles.ts';
export { readProfiles } from './profiles.ts';
export { purposesOf } from './purpose.ts';
export type { StandIn, StoodFor } from './stand-in.ts';
export { stoodFor } from './stand-in.ts';
export type { Access, AccessDeps } from './access.ts';
export type { LicenceSettings } from './safeguards.ts';
export { licensedRoles } from './safeguards.ts';
export type { VerifiedLicence } from './licences/licences.ts';
export type { LicenceWords } from './licences/contract.ts';
export type { LockedDown } from './lockdown/lockdown.ts';
export { everywhere } from './lockdown/flag.ts';
export { accessSealedStores } from './sealed-stores.ts';
export { accessMigrations, createAccess } from './access.ts';
