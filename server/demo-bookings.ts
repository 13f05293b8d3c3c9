/** Books the demo clinic's visits to come, through the product's own API, so that their times are held like any other's. */
import type { DemoBooking } from '@afar/demo';
import type { Log } from '@afar/platform';
import type { Slots } from '@afar/visits';
import type { FastifyInstance } from 'fastify';
import type { DemoSecrets } from './demo-secrets.ts';

async function accessToken(
  http: FastifyInstance,
  { client }: DemoSecrets,
  host: string,
): Promise<string> {
  const login = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
  const answer = await http.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: {
      host,
      authorization: `Basic ${login}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: client.scope,
    }).toString(),
  });
  if (answer.statusCode !== 200)
    throw new Error(`the demo client got no token (${answer.statusCode})`);
  return answer.json<{ access_token: string }>().access_token;
}

/**
 * Books each; one that is booked already answers the same again, one whose time has passed or been taken since is left out.
 */
export async function bookDemoVisits(
  http: FastifyInstance,
  secrets: DemoSecrets,
  bookings: DemoBooking[],
  log: Log,
): Promise<void> {
  const host = new URL(secrets.baseUrl).host;
  const authorization = `Bearer ${await accessToken(http, secrets, host)}`;
  const post = (url: string, payload: object, more: Record<string, string> = {}) =>
    http.inject({ method: 'POST', url, headers: { host, authorization, ...more }, payload });

  for (const { clinician, patient, start, type, reason } of bookings) {
    const instant = (ms: number) => new Date(ms).toISOString();
    const slots = await post('/api/slots', {
      clinician,
      from: instant(start),
      to: instant(start + 1),
    });
    const slot =
      slots.statusCode === 200
        ? slots.json<Slots>().find((one) => Date.parse(one.start) === start)
        : undefined;
    const booked =
      slot &&
      (await post(
        '/api/appointments',
        { slotId: slot.id, type, reason, patient },
        { 'idempotency-key': `demo-${patient}-${start}` },
      ));
    if (booked?.statusCode !== 201)
      log.warn(
        { slots: slots.statusCode, booking: booked?.statusCode },
        'a demo visit was not booked',
      );
  }
}
