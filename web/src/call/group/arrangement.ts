/** Who stands where: one large and a strip of the others, or all alike. Pure. */
import type { RemotePerson } from '../link-state.ts';

export interface Place {
  /** Of the tile: a person may have two, her face and her screen. */
  id: string;
  peer: string;
  kind: 'video' | 'screen';
}

export interface Arrangement {
  /** Undefined: all are alike. */
  large: Place | undefined;
  /** All tiles, the large one among them, in an order that does not change with who is large: a moved picture goes dark. */
  places: Place[];
  /** Columns of tiles that are alike. */
  columns: number;
}

/** Alike up to this many on a wide screen; a face among more is too small to read. */
const mostAlike = 4;

export interface Wishes {
  /** Id of the tile that was pinned. */
  pinned: string | undefined;
  speaker: string | undefined;
  /** A phone held upright, or the floating call. */
  narrow: boolean;
}

/** Everybody who has a tile: seated, not an observer; screens first. */
export function placesOf(people: readonly RemotePerson[]): Place[] {
  const seen = people.filter((person) => person.seated && !person.hidden);
  const screens = seen
    .filter((person) => person.screen)
    .map(({ peer }): Place => ({ id: `${peer}-screen`, peer, kind: 'screen' }));
  const faces = seen.map(({ peer }): Place => ({ id: peer, peer, kind: 'video' }));
  return [...screens, ...faces];
}

/** A pinned tile is large; else a shared screen; else, where there is room for one only or there are many, who speaks. */
export function arrange(
  people: readonly RemotePerson[],
  { pinned, speaker, narrow }: Wishes,
): Arrangement {
  const places = placesOf(people);
  const crowded = narrow ? places.length > 1 : places.length > mostAlike;
  const large =
    places.find(({ id }) => id === pinned) ??
    places.find(({ kind }) => kind === 'screen') ??
    (crowded ? (places.find(({ id }) => id === speaker) ?? places[0]) : undefined);
  return {
    large,
    places,
    columns: Math.ceil(Math.sqrt(places.length)),
  };
}
