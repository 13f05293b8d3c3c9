/** A name without its titles: initials come from the person, not from "Dr.". */
export const plainName = (name: string): string =>
  name.replace(/^(?:(?:Dr|Dra|Prof|Mr|Mrs|Ms|Mx|Sr|Sra)\.?\s+)+/u, '');
