/** A message as FHIR says it, so that it is in the record, in exports, and under the record's own policy [FHIR R4 communication.html]. */
import type { FhirUser } from '@afar/access';
import type { Communication } from '@afar/fhir';
import type { Attachment, AttachmentType } from './contract.ts';

const categorySystem = 'urn:afar:communication';
const fileUrl = '/api/messages/files/';

interface Written {
  patient: string;
  sender: FhirUser;
  /** ms since epoch. */
  at: number;
  text: string;
  files: readonly Attachment[];
  /** Where the clinic's people go, without a slash at its end. */
  base: string;
  urgent: boolean;
  /** The first message of a thread has a topic, the others the first one. */
  of: { topic: string } | { thread: string };
}

export function communicationOf(it: Written): Communication {
  const sent = new Date(it.at).toISOString();
  return {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system: categorySystem, code: 'message' }] }],
    ...(it.urgent && { priority: 'urgent' }),
    subject: { reference: `Patient/${it.patient}` },
    sender: { reference: `${it.sender.type}/${it.sender.id}` },
    ...(it.sender.type === 'Practitioner' && {
      recipient: [{ reference: `Patient/${it.patient}` }],
    }),
    sent,
    ...('topic' in it.of
      ? { topic: { text: it.of.topic } }
      : { partOf: [{ reference: `Communication/${it.of.thread}` }] }),
    payload: [
      ...(it.text === '' ? [] : [{ contentString: it.text }]),
      ...it.files.map(({ id, name, type, size }) => ({
        contentAttachment: {
          contentType: type,
          title: name,
          size,
          url: `${it.base}${fileUrl}${id}`,
          creation: sent,
        },
      })),
    ],
  };
}

export const topicOf = (it: Communication): string => it.topic?.text ?? '';

export const textOf = (it: Communication): string =>
  (it.payload ?? []).flatMap((one) => one.contentString ?? []).join('\n');

export const filesOf = (it: Communication): Attachment[] =>
  (it.payload ?? []).flatMap(({ contentAttachment: file }) => {
    const id = file?.url?.split(fileUrl)[1];
    return file && id !== undefined
      ? [
          {
            id,
            name: file.title ?? '',
            type: file.contentType as AttachmentType,
            size: file.size ?? 0,
          },
        ]
      : [];
  });
