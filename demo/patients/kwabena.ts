/** A man of 27 who registered yesterday: an empty chart. */
import { newYork } from '../clinic.ts';
import type { Story } from './story.ts';

export const kwabena: Story = {
  person: {
    key: 'kwabena',
    mrn: 'HL-259120',
    given: ['Kwabena'],
    family: 'Mensah-Darko',
    gender: 'male',
    age: { years: 27, days: 303 },
    phone: '+1 212 555 0178',
    email: 'kwabena.mensah@example.org',
    address: {
      line: ['305 Tamarind Court'],
      city: 'Bronx',
      state: 'NY',
      postalCode: '10463',
      country: 'US',
    },
    language: 'en-US',
    doctor: 'adeyemi',
  },
  zone: newYork,
  write() {},
};
