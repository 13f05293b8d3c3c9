/** An event of the trail as FHIR AuditEvent, after the IHE Basic Audit Log Patterns. */
import type { AuditEvent, AuditEventEntity } from '@afar/fhir';
import type { Origin } from './origin.ts';
import type { EventRow } from './row.ts';

const eventType = 'http://terminology.hl7.org/CodeSystem/audit-event-type';
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const restful = 'http://hl7.org/fhir/restful-interaction';
const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const objectRole = 'http://terminology.hl7.org/CodeSystem/object-role';
const actReason = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const basicAuditEntity = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';
/** Ours: account ids, actions that are no RESTful interaction, the browser's name. */
export const accountSystem = 'urn:afar:account';
export const actionSystem = 'urn:afar:audit-action';
const roleSystem = 'urn:afar:role';

/** [FHIR R4 valueset-type-restful-interaction] */
const interactions = new Set([
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history',
  'history-instance',
  'history-type',
  'history-system',
  'create',
  'search',
  'search-type',
  'search-system',
  'capabilities',
  'transaction',
  'batch',
  'operation',
]);

/** User Authentication [DICOM PS3.15 A.5]; everything else is a RESTful operation. */
export const signInType = '110114';
/** [FHIR R4 valueset-audit-event-type] */
export const requestType = 'rest';
export const signsIn: ReadonlySet<string> = new Set([
  'sign-in',
  'second-factor',
  'sign-out',
  'demo',
  'token',
]);

function entities(row: EventRow): AuditEventEntity[] {
  const patients = (row.patients ?? []).map((id) => ({
    what: { reference: `Patient/${id}` },
    type: { system: entityType, code: '1', display: 'Person' },
    role: { system: objectRole, code: '1', display: 'Patient' },
  }));
  const params = (row.params ?? []).map((name) => ({ type: 'parameter', valueString: name }));
  const object: AuditEventEntity[] = row.type
    ? [
        {
          ...(row.rid && { what: { reference: `${row.type}/${row.rid}` } }),
          name: row.type,
          type: { system: entityType, code: '2', display: 'System Object' },
          ...(params.length > 0 && { detail: params }),
        },
      ]
    : [];
  // [IHE BALP] the request's own id, so that the log of a proxy or a client can be put beside the trail.
  const request: AuditEventEntity = {
    what: { identifier: { value: row.request } },
    type: { system: basicAuditEntity, code: 'XrequestId' },
  };
  return [...object, ...patients, request];
}

/** @param name display name of staff or a client; never a patient's */
export function toAuditEvent(row: EventRow, origin: Origin, name: string | undefined): AuditEvent {
  const type = signsIn.has(row.action)
    ? { system: dicom, code: signInType, display: 'User Authentication' }
    : { system: eventType, code: requestType, display: 'RESTful Operation' };
  const entity = entities(row);
  return {
    resourceType: 'AuditEvent',
    id: row.id,
    meta: { versionId: '1', lastUpdated: new Date(row.at).toISOString() },
    type,
    subtype: [{ system: interactions.has(row.action) ? restful : actionSystem, code: row.action }],
    action: row.verb as 'C' | 'R' | 'U' | 'D' | 'E',
    recorded: new Date(row.at).toISOString(),
    outcome: String(row.outcome) as '0' | '4' | '8',
    ...(row.purpose && {
      purposeOfEvent: [{ coding: [{ system: actReason, code: row.purpose }] }],
    }),
    agent: [
      {
        role: [{ coding: [{ system: roleSystem, code: row.role }] }],
        who: {
          identifier: { system: accountSystem, value: row.who },
          ...(name && { display: name }),
        },
        requestor: true,
        // [FHIR R4 valueset-network-type] 2: IP address.
        ...(origin.ip && { network: { address: origin.ip, type: '2' as const } }),
        // [IHE BALP 3:5.7.4] why, beside who.
        ...(row.purpose && {
          purposeOfUse: [{ coding: [{ system: actReason, code: row.purpose }] }],
        }),
      },
    ],
    source: { observer: { display: 'Afar' } },
    ...(entity.length > 0 && { entity }),
  };
}
