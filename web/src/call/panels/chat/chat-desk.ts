/** The chat of a visit in one browser: what was said, what is on its way, who types. */
import type { Chat, ChatMessage } from '@afar/visits/contract';
import { api, asApiError } from '../../../kit/api.ts';
import { smaller } from '../../../messages/picture.ts';
import type { VisitLink } from '../../link.ts';
import { Desk } from '../desk.ts';

export interface Outgoing {
  id: string;
  text: string;
  file?: { name: string; bytes: Blob };
  state: 'sending' | 'failed';
  /** Why it failed: too large, of a kind nobody takes, said too often or too much, or the line. */
  fault?: 'size' | 'type' | 'full' | 'line' | 'over';
}

export interface ChatState {
  messages: readonly ChatMessage[];
  outbox: readonly Outgoing[];
  unread: number;
  /** Peers who are writing. */
  typing: readonly string[];
  loaded: boolean;
  error?: unknown;
}

export const fileTypes = 'image/jpeg,image/png,image/webp,application/pdf';
export const mostFileBytes = 10 * 1024 * 1024;

/** A sign that one writes is sent this often while one does, and stands a little longer, ms. */
const typingEvery = 3_000;
const typingStands = 4_500;
/** A word of the server that was lost is made good by then, ms. */
const everyLook = 25_000;

function faultOf(error: unknown): NonNullable<Outgoing['fault']> {
  const { status } = asApiError(error);
  if (status === 413) return 'size';
  if (status === 415 || status === 422) return 'type';
  if (status === 409) return 'full';
  return status === 403 || status === 404 || status === 401 ? 'over' : 'line';
}

export class ChatDesk extends Desk<ChatState> {
  readonly #base: string;
  readonly #link: VisitLink;
  readonly #typists = new Map<string, ReturnType<typeof setTimeout>>();
  #looking: Promise<void> | undefined;
  #again = false;
  #seen = 0;
  #open = false;
  #typed = 0;

  /** @param base `/api/visits/<id>`, or a guest's own address */
  constructor(base: string, link: VisitLink) {
    super({ messages: [], outbox: [], unread: 0, typing: [], loaded: false });
    this.#base = base;
    this.#link = link;
  }

  start(): () => void {
    const ends = [
      this.#link.onRoom((event) => {
        if (event.type === 'chat' || event.type === 'missed') void this.look();
      }),
      this.#link.onSealed('typing', (from) => this.#types(from)),
    ];
    // Until a guest is seated her chat is shut.
    let phase = this.#link.state.phase;
    ends.push(
      this.#link.subscribe(() => {
        const now = this.#link.state.phase;
        if (now !== phase && (phase === 'joining' || now === 'live')) void this.look();
        phase = now;
      }),
    );
    const timer = setInterval(() => void this.look(), everyLook);
    return () => {
      clearInterval(timer);
      for (const end of ends) end();
      for (const typist of this.#typists.values()) clearTimeout(typist);
    };
  }

  /** Shown, or not any more: what is shown is read. */
  show(open: boolean): void {
    this.#open = open;
    if (open) this.#read();
  }

  /** One writes: the others are told, now and then. */
  types(): void {
    if (Date.now() - this.#typed < typingEvery || this.#link.state.own?.hidden) return;
    this.#typed = Date.now();
    void this.#link.sendSealed('typing', new Uint8Array([1]));
  }

  async say(text: string, file?: File): Promise<void> {
    const id = crypto.randomUUID();
    const bytes = file && (await smaller(file));
    // What was made a JPEG on the way is called one.
    const name = file && bytes !== file ? file.name.replace(/\.\w+$/, '') + '.jpg' : file?.name;
    const out: Outgoing = {
      id,
      text,
      state: 'sending',
      ...(bytes && { file: { name: (name ?? '').slice(-120), bytes } }),
    };
    this.set({ outbox: [...this.state.outbox, out] });
    this.#typed = 0;
    await this.#send(out);
  }

  /** Sends what did not go; under the same id it is never said twice. */
  async again(id: string): Promise<void> {
    const out = this.state.outbox.find((one) => one.id === id);
    if (out) await this.#send(out);
  }

  drop(id: string): void {
    this.set({ outbox: this.state.outbox.filter((one) => one.id !== id) });
  }

  /** Asks for what came after the last message; one look at a time, and one more when asked meanwhile. */
  look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#fetch().finally(() => {
      this.#looking = undefined;
      if (this.#again) {
        this.#again = false;
        void this.look();
      }
    });
    return this.#looking;
  }

  async #fetch(): Promise<void> {
    try {
      let more = true;
      while (more) {
        const after = this.state.messages.at(-1)?.n ?? 0;
        const page = await api.get<Chat>(`${this.#base}/chat?after=${after}`);
        this.#add(page.messages);
        more = page.more && page.messages.length > 0;
      }
      this.set({ loaded: true, error: undefined });
    } catch (error) {
      this.set({ error });
    }
  }

  #add(fresh: readonly ChatMessage[]): void {
    const known = new Set(this.state.messages.map(({ id }) => id));
    const added = fresh.filter(({ id, n }) => !known.has(id) && n > 0);
    if (added.length === 0) return;
    const messages = [...this.state.messages, ...added].toSorted((a, b) => a.n - b.n);
    const here = new Set(added.map(({ id }) => id));
    this.set({ messages, outbox: this.state.outbox.filter(({ id }) => !here.has(id)) });
    if (this.#open) this.#read();
    else this.set({ unread: messages.filter(({ n, by }) => n > this.#seen && !by.own).length });
  }

  #read(): void {
    this.#seen = this.state.messages.at(-1)?.n ?? this.#seen;
    if (this.state.unread > 0) this.set({ unread: 0 });
  }

  #types(from: string): void {
    clearTimeout(this.#typists.get(from));
    this.#typists.set(
      from,
      setTimeout(() => {
        this.#typists.delete(from);
        this.set({ typing: [...this.#typists.keys()] });
      }, typingStands),
    );
    this.set({ typing: [...this.#typists.keys()] });
  }

  #change(id: string, change: Partial<Outgoing>): void {
    this.set({
      outbox: this.state.outbox.map((one) => (one.id === id ? { ...one, ...change } : one)),
    });
  }

  async #send(out: Outgoing): Promise<void> {
    const { id, text, file } = out;
    if (file && file.bytes.size > mostFileBytes)
      return this.#change(id, { state: 'failed', fault: 'size' });
    this.#change(id, { state: 'sending', fault: undefined });
    try {
      const said = { id, text, ...(file && { file: { name: file.name } }) };
      const message = await api.post<ChatMessage>(`${this.#base}/chat`, said);
      if (file && message.n === 0)
        await api.putBytes<ChatMessage>(
          `${this.#base}/chat/${id}/file`,
          file.bytes,
          'application/octet-stream',
        );
      // It takes its place when the others up to it are here: a look brings all of them in order.
      await this.look();
    } catch (error) {
      this.#change(id, { state: 'failed', fault: faultOf(error) });
    }
  }
}
