/** A baby of seven months: growth, vaccines, a little eczema. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import type { Story } from './story.ts';

export const zoe: Story = {
  person: {
    key: 'zoe',
    mrn: 'HL-256881',
    given: ['Zoë', 'Hanako'],
    family: 'Abernathy-Nakamura',
    gender: 'female',
    age: { years: 0, days: 214 },
    phone: '+1 212 555 0133',
    address: {
      line: ['530 Larkspur Mews', 'Apt 11'],
      city: 'Hoboken',
      state: 'NJ',
      postalCode: '07030',
      country: 'US',
    },
    language: 'en-US',
    contact: {
      relation: 'MTH',
      display: 'mother',
      given: ['Sachiko'],
      family: 'Abernathy-Nakamura',
      phone: '+1 212 555 0134',
    },
    doctor: 'adeyemi',
  },
  ranges: { heartRate: { low: 90, high: 160 }, respiratoryRate: { low: 24, high: 45 } },
  write(chart) {
    chart
      .team('castellanos')
      .problem('eczema', diagnosis('24079001', 'Atopic dermatitis', 'L20.9', 'Infant eczema'), 96, {
        severity: 'mild',
      });
    const growth = [
      ['two-months', 152, 5.2, 57.4, 38.4, 'Well-child visit, 2 months'],
      ['four-months', 91, 6.5, 62.3, 40.7, 'Well-child visit, 4 months'],
      ['six-months', 30, 7.4, 66.0, 42.4, 'Well-child visit, 6 months'],
    ] as const;
    const notes = [
      undefined,
      {
        s: 'Feeds well, formula and breast. Dry red patches in the elbow folds for two weeks, scratches at night.',
        o: 'Weight 6.5 kg, length 62.3 cm, head 40.7 cm, all near the 50th percentile. Smiles, holds her head, rolls. Mild eczema of both elbow folds.',
        a: 'Healthy infant, mild eczema.',
        p: 'Emollient after the bath, hydrocortisone 1 % thinly for a week at most. Vaccines given. Return sooner if the skin weeps.',
      },
      {
        s: 'Sits with support, babbles, started purées. Skin much better with emollient.',
        o: 'Weight 7.4 kg, length 66 cm, head 42.4 cm, on her curves. Skin clear but for a dry patch on the left wrist.',
        a: 'Healthy infant at six months, eczema controlled.',
        p: 'Vaccines given. Offer peanut and egg early and often, as eczema is mild. Vitamin D daily. Next visit at nine months.',
      },
    ];
    growth.forEach(([key, daysAgo, weight, length, head, reason], index) =>
      chart.visit(key, {
        daysAgo,
        time: '09:40',
        mode: 'in-person',
        type: snomed('410620009', 'Well child visit', 'Well-child visit'),
        reason,
        minutes: 25,
        about: index > 0 ? ['eczema'] : [],
        vitals: {
          weight,
          length,
          head,
          heartRate: 134 - index * 4,
          respiratoryRate: 36 - index * 2,
          temperature: 36.8,
        },
        soap: notes[index],
      }),
    );
    for (const [index, daysAgo] of [152, 91, 30].entries())
      chart
        .shot('120', 'DTaP-Hib-IPV', daysAgo, index + 1)
        .shot('133', 'Pneumococcal conjugate PCV 13', daysAgo, index + 1)
        .shot('116', 'rotavirus, pentavalent', daysAgo, index + 1);
    chart
      .shot('08', 'Hep B, adolescent or pediatric', 210, 1)
      .shot('08', 'Hep B, adolescent or pediatric', 152, 2)
      .shot('08', 'Hep B, adolescent or pediatric', 30, 3)
      .medicine(
        'hydrocortisone',
        rxnorm('106258', 'hydrocortisone 10 MG/ML Topical Cream', 'Hydrocortisone 1 % cream'),
        {
          since: 91,
          until: 77,
          sig: 'Thinly to the red patches twice a day, seven days at most',
          times: [2, 1],
          route: 'topical',
          for: 'eczema',
        },
      )
      .medicine(
        'vitamin-d',
        { text: 'Cholecalciferol 400 IU oral drops' },
        { since: 200, sig: 'One drop a day', times: [1, 1] },
      );
  },
};
