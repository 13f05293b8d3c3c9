/** Purpose of use: each session's own, or another that a request declares and its role may have [HL7 v3 PurposeOfUse]. */
import { Refusal } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import { defaultPurpose, type Caller, type Role } from './caller.ts';

/** Header of a request that comes for another purpose than its role's default. */
const header = 'x-purpose-of-use';

// ETREAT and BTG are not declared: break-glass opens them, with a reason (sharing/break-glass).
const care = [
  'TREAT',
  'COC',
  'CAREMGT',
  'HQUALIMP',
  'PATSFTY',
  'PUBHLTH',
  'HRESCH',
  'HPAYMT',
  'RECORDMGT',
];

const more: Record<Role, readonly string[]> = {
  administrator: ['HSYSADMIN', 'PATADMIN', 'HACCRED'],
  practitioner: care,
  trainee: ['COC', 'CAREMGT', 'HQUALIMP', 'TRAIN'],
  nurse: ['COC', 'CAREMGT', 'HQUALIMP', 'PATSFTY', 'HPAYMT', 'PATADMIN'],
  resident: ['COC', 'HQUALIMP', 'TRAIN'],
  pharmacist: ['COC', 'CAREMGT', 'PATSFTY', 'HPAYMT'],
  paramedic: [],
  patient: ['FAMRQT', 'PWATRNY'],
  auditor: ['HACCRED', 'HLEGAL', 'FRAUD'],
  guest: [],
  // A client says what it comes for: the house cannot know.
  system: [
    'TREAT',
    'ETREAT',
    'HPAYMT',
    'HRESCH',
    'PUBHLTH',
    'HQUALIMP',
    'RECORDMGT',
    'PATRQT',
    'SYSDEV',
  ],
};

/** The purposes a role may declare, its default first. */
export const purposesOf = (role: Role): readonly string[] => [
  ...new Set([defaultPurpose(role), ...more[role]]),
];

/**
 * Takes the request's own word for what it is for: it stands in the trail, and consent is judged by it.
 * @throws Refusal `forbidden` for a purpose the role has not
 */
export function declarePurpose(req: FastifyRequest, caller: Caller | undefined): void {
  const said = req.headers[header];
  if (!caller || said === undefined) return;
  const code = typeof said === 'string' ? said.trim() : '';
  if (!purposesOf(caller.role).includes(code))
    throw new Refusal('forbidden', {
      diagnostics: `purposes of this role: ${purposesOf(caller.role).join(', ')}`,
    });
  caller.purpose = code;
}
