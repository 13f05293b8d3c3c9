/** What is offered to her now, on her first page: an offer lasts minutes. */
import { useQuery } from '@tanstack/react-query';
import { useSubject } from '../subject.ts';
import { OfferCard } from './offer-card.tsx';
import { waitlistQuery } from './queries.ts';

export function Offers() {
  const { patient } = useSubject();
  const { data } = useQuery(waitlistQuery(patient));
  return (data?.entries ?? []).map(
    ({ id, offer, instead }) =>
      offer && <OfferCard key={id} offer={offer} instead={instead !== undefined} />,
  );
}
