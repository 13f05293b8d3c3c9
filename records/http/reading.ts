/** Endpoints that read one resource: read, vread [FHIR R4 http.html#read, #vread]. */
import { Refusal } from '@afar/fhir';
import { sendVersion } from './answers.ts';
import { disclose, knownType, notes, paramsOf } from './endpoint.ts';
import type { Handler, Routes } from './endpoint.ts';
import { sendContent, speaksJsonOrContent } from './binary.ts';
import { shapeIn } from './negotiate.ts';

export function readingRoutes({ endpoint, records }: Routes): void {
  const readOne: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const asked = shapeIn(req);
    const stored = await records.read(caller, type, id);
    disclose(req, stored);
    if (sendContent(req, reply, stored)) return;
    sendVersion(req, reply, stored, asked);
  };

  const readVersion: Handler = async (req, reply, caller) => {
    const { type, id, version } = paramsOf(req);
    if (!/^\d{1,9}$/.test(version)) throw new Refusal('not-found');
    const asked = shapeIn(req);
    const stored = await records.vread(caller, type, id, Number(version));
    disclose(req, stored);
    if (sendContent(req, reply, stored)) return;
    sendVersion(req, reply, stored, asked);
  };

  endpoint('GET', '/:type/:id', [speaksJsonOrContent, notes('read'), knownType], readOne);
  endpoint(
    'GET',
    '/:type/:id/_history/:version',
    [speaksJsonOrContent, notes('vread'), knownType],
    readVersion,
  );
}
