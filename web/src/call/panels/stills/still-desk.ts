/** Still pictures of a visit in one browser: what was asked, and where each stands. */
import type { StillView } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import type { VisitLink } from '../../link.ts';
import { Desk, type SeatKind } from '../desk.ts';

export interface StillState {
  stills: readonly StillView[];
  loaded: boolean;
  error?: unknown;
}

export class StillDesk extends Desk<StillState> {
  readonly #address: string;
  readonly #role: SeatKind;
  readonly #link: VisitLink;
  #looks = 0;

  constructor(visitId: string, role: SeatKind, link: VisitLink) {
    super({ stills: [], loaded: false });
    this.#address = `/api/visits/${visitId}/stills`;
    this.#role = role;
    this.#link = link;
  }

  /** Pictures are between the two of the visit: a guest hears nothing of them. */
  start(): () => void {
    if (this.#role === 'guest') return () => undefined;
    void this.look();
    let phase = this.#link.state.phase;
    const ends = [
      this.#link.onRoom((event) => {
        if (event.type === 'still' || event.type === 'missed') void this.look();
      }),
      this.#link.subscribe(() => {
        const now = this.#link.state.phase;
        if (now !== phase && now === 'live') void this.look();
        phase = now;
      }),
    ];
    return () => ends.forEach((end) => end());
  }

  async look(): Promise<void> {
    const look = ++this.#looks;
    try {
      const stills = await api.get<StillView[]>(this.#address);
      // An answer that was overtaken by a later one is older.
      if (look === this.#looks) this.set({ stills, loaded: true, error: undefined });
    } catch (error) {
      if (look === this.#looks) this.set({ error });
    }
  }

  /** The clinician asks for one. */
  async ask(): Promise<void> {
    await this.#say(await api.post<StillView>(this.#address, { id: crypto.randomUUID() }));
  }

  async answer(id: string, agree: boolean): Promise<void> {
    await this.#say(await api.post<StillView>(`${this.#address}/${id}/answer`, { agree }));
  }

  async send(id: string, picture: Blob): Promise<void> {
    await this.#say(await api.putBytes<StillView>(`${this.#address}/${id}`, picture, 'image/jpeg'));
  }

  async #say(still: StillView): Promise<void> {
    const others = this.state.stills.filter(({ id }) => id !== still.id);
    this.set({
      stills: [...others, still].toSorted((a, b) => a.askedAt.localeCompare(b.askedAt)),
    });
  }
}
