/** From what a patient chose to a FHIR Consent, and back to what her words were [FHIR R4 consent.html]. */
import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import { kinds, type Kind } from './kinds.ts';

export interface Choice {
  type: 'permit' | 'deny';
  /** Reference and name; absent: everybody. */
  who?: { reference: string; name: string };
  /** Empty: everything. */
  what: Kind[];
  /** YYYY-MM-DD */
  until?: string;
}

/** The Consent that says so, in the name of `self` (`Patient/…` or `RelatedPerson/…`). */
export function consentOf(choice: Choice, patient: string, self: string, now: Date): Consent {
  const { type, who, what, until } = choice;
  const types = what.flatMap((kind) => kinds[kind] as readonly string[]);
  const provision: ConsentProvision = {
    type,
    ...(until && { period: { end: until } }),
    ...(who && {
      actor: [
        {
          role: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                code: 'IRCP',
              },
            ],
          },
          reference: { reference: who.reference, display: who.name },
        },
      ],
    }),
    ...(types.length > 0 && {
      // Whoever is let see a part sees whose it is.
      class: [...(type === 'permit' ? ['Patient'] : []), ...types].map((code) => ({
        system: 'http://hl7.org/fhir/resource-types',
        code,
      })),
    }),
  };
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/consentscope',
          code: 'patient-privacy',
        },
      ],
    },
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'INFA' }] },
    ],
    patient: { reference: `Patient/${patient}` },
    dateTime: now.toISOString(),
    performer: [{ reference: self }],
    policyRule: { text: 'afar' },
    provision,
  };
}

export interface Said {
  type: 'permit' | 'deny';
  /** Names; empty: everybody. */
  who: string[];
  /** References, in the order of the names. */
  references: string[];
  types: string[];
  labelled: boolean;
  single: boolean;
  except: string[];
  until?: string;
}

const actors = (provision: ConsentProvision) => provision.actor ?? [];
const names = (provision: ConsentProvision): string[] =>
  actors(provision).map(({ reference }) => reference.display ?? '');

/** What a Consent says, as far as one line can tell it; undefined for one of several rules. */
export function saidBy({ provision }: Consent): Said | undefined {
  if (!provision?.type) return undefined;
  return {
    type: provision.type,
    who: names(provision),
    references: actors(provision).map(({ reference }) => reference.reference ?? ''),
    types: (provision.class ?? []).map(({ code }) => code ?? ''),
    labelled: Boolean(provision.securityLabel?.length),
    single: Boolean(provision.data?.length),
    except: (provision.provision ?? []).flatMap(names),
    ...(provision.period?.end && { until: provision.period.end }),
  };
}

/** Whether a patient's consents shut this one out of her whole record at an instant, ms. */
export function shutsOut(consents: readonly Consent[], reference: string, now: number): boolean {
  return consents.some((consent) => {
    const said = saidBy(consent);
    if (said?.type !== 'deny' || said.types.length > 0 || said.labelled || said.single)
      return false;
    const { start, end } = consent.provision?.period ?? {};
    // A day lasts until it is over.
    const ends = end && Date.parse(end) + (end.length === 10 ? 86_400_000 : 0);
    if ((start && Date.parse(start) > now) || (ends && ends <= now)) return false;
    if (consent.provision?.purpose?.length) return false;
    const spared = (consent.provision?.provision ?? []).some((one) =>
      actors(one).some((actor) => actor.reference.reference === reference),
    );
    return !spared && (said.references.length === 0 || said.references.includes(reference));
  });
}
