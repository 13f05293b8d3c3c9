/** Files of a message: taken by what they are, given to those of the thread alone, and swept when they were never sent. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { everyTenant } from '@afar/platform';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Attachment, Sent, Thread } from './contract.ts';
import { sweepFiles } from './files.ts';
import { openStage, type Member, type Stage } from './testing.ts';

let stage: Stage;
let ada: Member;
let doctor: Member;
let stranger: Member;
let colleague: Member;
beforeAll(async () => {
  stage = await openStage();
  [ada, stranger] = [await stage.person('patient'), await stage.person('patient')];
  [doctor, colleague] = [await stage.person('practitioner'), await stage.person('practitioner')];
  await stage.cares(doctor, ada);
});
afterAll(() => stage.close());

const secret = 'Glowworm-eczema of the third knuckle';
const begin = async (topic: string): Promise<string> =>
  (await ada.post<Sent>('/api/messages', { patient: ada.id, topic, text: secret })).body.thread;
const read = (who: Member, thread: string) => who.get<Thread>(`/api/messages/${thread}`);

describe('attachments', () => {
  const png = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    Buffer.from(secret),
  ]);
  const upload = (who: Member, bytes: Buffer, name = 'my knuckle.png', patient = ada.id) =>
    who.post<Attachment>(`/api/messages/attachments/${patient}`, bytes, {
      'content-type': 'application/octet-stream',
      'x-file-name': encodeURIComponent(name),
    });

  it('go with a message, by what they are and not by what they are called', async () => {
    const made = await upload(ada, Buffer.from(`%PDF-1.7 ${secret}`), '../../etc/letter.png');
    expect(made.body).toMatchObject({ name: 'letter.png', type: 'application/pdf' });
    const { body: sent } = await ada.post<Sent>('/api/messages', {
      patient: ada.id,
      topic: 'A letter',
      text: '',
      attachments: [made.body.id],
    });
    const { messages } = (await read(doctor, sent.thread)).body;
    expect(messages[0]!.attachments).toEqual([made.body]);
    const file = await doctor.get(`/api/messages/files/${made.body.id}`);
    expect(file.text).toBe(`%PDF-1.7 ${secret}`);
    expect(file.headers).toMatchObject({
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'content-disposition': "attachment; filename*=UTF-8''letter.png",
    });
    expect(String(file.headers['content-security-policy'])).toContain('sandbox');
  });

  it.each([
    ['a page', Buffer.from('<html><script>alert(1)</script>')],
    ['a picture that is none', Buffer.from('GIF89a')],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ])('%s is not taken', async (_what, bytes) => {
    expect((await upload(ada, bytes)).status).toBe(422);
  });

  it('too large a one is refused', async () => {
    const big = Buffer.alloc(10 * 1024 * 1024 + 1, 0x20);
    png.copy(big);
    expect((await upload(ada, big)).status).toBe(413);
    // Of nobody's nothing is read at all.
    expect(await stage.anonymous(big.length)).toBe(401);
  });

  it('a hundred a day, and no more, sent or not', async () => {
    const eager = await stage.person('patient');
    const small = Buffer.from('%PDF-1.4 x');
    const one = () => upload(eager, small, 'x.pdf', eager.id);
    await stage.world.access.allowances.take(1, {
      of: ['message-file', eager.account],
      most: 100,
      windowMs: 86_400_000,
    });
    const first = await Promise.all(Array.from({ length: 20 }, one));
    expect(first.every(({ status }) => status === 201)).toBe(true);
    await stage.world.data.ownerDb.query('delete from messaging.attachment where account = $1', [
      eager.account,
    ]);
    for (let n = 21; n < 100; n++)
      await stage.world.access.allowances.take(1, {
        of: ['message-file', eager.account],
        most: 100,
        windowMs: 86_400_000,
      });
    expect((await one()).status).toBe(429);
  });

  it('that lie unsent for a day go; one that is sent in that moment comes whole or not at all', async () => {
    const late = (await upload(ada, Buffer.from('%PDF-1.4 late'))).body.id;
    const thread = await begin('Late');
    const { objects } = stage.house;
    const remove = objects.remove.bind(objects);
    let send: ReturnType<typeof ada.post> | undefined;
    const slow = vi.spyOn(objects, 'remove').mockImplementation(async (which) => {
      await remove(which);
      send = ada.post(`/api/messages/${thread}`, { text: 'x', attachments: [late] });
      await Promise.race([send, sleep(300)]);
    });
    const now = vi.spyOn(stage.clock, 'now').mockReturnValue(stage.clock.now() + 86_400_001);
    const swept = everyTenant(() => sweepFiles(stage.house));
    await expect.poll(() => send).toBeDefined();
    now.mockRestore();
    await swept;
    slow.mockRestore();
    expect((await send!).status).toBe(422);
    expect((await ada.get(`/api/messages/files/${late}`)).status).toBe(404);
  });

  it('of another thread, of another person, of nobody: none of them', async () => {
    const hers = (await upload(ada, Buffer.from('%PDF-1.4 hers'))).body.id;
    const thread = await begin('Files');
    // Somebody else's upload is not hers to send, one that was sent is not sent again.
    const foreign = await doctor.post(`/api/messages/${thread}`, {
      text: 'x',
      attachments: [hers],
    });
    expect(foreign.status).toBe(422);
    await ada.post(`/api/messages/${thread}`, { text: 'x', attachments: [hers] });
    expect(
      (await ada.post(`/api/messages/${thread}`, { text: 'y', attachments: [hers] })).status,
    ).toBe(422);
    const unsent = (await upload(ada, Buffer.from('%PDF-1.4 unsent'))).body.id;
    for (const [who, id] of [
      [stranger, hers],
      [colleague, hers],
      [doctor, unsent],
      [ada, randomUUID()],
      [ada, '../../keys'],
    ] as const)
      expect((await who.get(`/api/messages/files/${id}`)).status).toBe(404);
    expect((await upload(stranger, Buffer.from('%PDF-'))).status).toBe(404);
    expect((await upload(colleague, Buffer.from('%PDF-'))).status).toBe(404);
  });
});
