/** A woman of 34 with migraine and mild asthma; she is seen later today. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import { newYork } from '../clinic.ts';
import type { Story } from './story.ts';

const followUp = snomed('390906007', 'Follow-up encounter');
const symptom = snomed('185345009', 'Encounter for symptom', 'Visit for a symptom');

export const siobhan: Story = {
  person: {
    key: 'siobhan',
    mrn: 'HL-204816',
    given: ['Siobhán', 'Maeve'],
    family: "O'Connell",
    gender: 'female',
    age: { years: 34, days: 112 },
    phone: '+1 212 555 0142',
    email: 'siobhan.oconnell@example.org',
    address: {
      line: ['611 Juniper Lantern Street', 'Apt 4C'],
      city: 'Brooklyn',
      state: 'NY',
      postalCode: '11215',
      country: 'US',
    },
    language: 'en-US',
    marital: 'M',
    contact: {
      relation: 'SPS',
      display: 'spouse',
      given: ['Declan'],
      family: 'Fitzmaurice',
      phone: '+1 212 555 0143',
    },
    doctor: 'adeyemi',
  },
  zone: newYork,
  write(chart) {
    chart
      .team('castellanos')
      .problem('migraine', diagnosis('56097005', 'Migraine without aura', 'G43.009'), 2900, {
        severity: 'moderate',
      })
      .problem('asthma', diagnosis('427679007', 'Mild intermittent asthma', 'J45.20'), 7300, {
        severity: 'mild',
      })
      .problem('rhinitis', diagnosis('367498001', 'Seasonal allergic rhinitis', 'J30.2'), 5200)
      .problem('sinusitis', diagnosis('444814009', 'Viral sinusitis', 'J01.90'), 410, {
        abated: 396,
      })
      .allergy('penicillin', snomed('91936005', 'Allergy to penicillin'), {
        category: 'medication',
        criticality: 'low',
        since: 9100,
        reaction: [snomed('247472004', 'Hives'), 'moderate'],
      })
      .smoking('never', 372)
      .visit('migraine-1', {
        daysAgo: 189,
        time: '10:20',
        mode: 'video',
        type: symptom,
        reason: 'Headaches more often since spring',
        minutes: 24,
        about: ['migraine'],
        pressure: [118, 74],
        vitals: { heartRate: 72, weight: 63.5, height: 167 },
        soap: {
          s: 'Throbbing one-sided headache with nausea and photophobia, now six days a month, up from two. Lasts 8 to 12 hours. No aura, no weakness, no change in vision. Sleeps badly since a change of job. Ibuprofen helps less than it did.',
          o: 'Well on video, speech and face symmetrical, neck supple on self-examination. Home blood pressure 118/74.',
          a: 'Migraine without aura, frequency rising, no red flags. Oestrogen-containing contraception not in use.',
          p: 'Sumatriptan 50 mg at onset, at most two doses a day and nine days a month. Headache diary. Regular sleep. Review in three months, consider a preventive if six days or more persist.',
        },
      })
      .visit('migraine-2', {
        daysAgo: 96,
        time: '18:40',
        mode: 'video',
        type: followUp,
        reason: 'Migraine review',
        minutes: 18,
        about: ['migraine', 'asthma'],
        pressure: [121, 76],
        vitals: { heartRate: 70, weight: 63.1 },
        soap: {
          s: 'Diary shows seven migraine days in the last month. Sumatriptan works within an hour. Inhaler used twice since the summer, none at night.',
          o: 'Comfortable, full sentences. Home blood pressure 121/76, pulse 70.',
          a: 'Migraine, seven days a month: a preventive is due. Asthma well controlled; non-selective beta blockers are to be avoided.',
          p: 'Start topiramate 25 mg at night, raise to 50 mg after two weeks. Reliable contraception discussed and confirmed. Video review with the diary.',
        },
      })
      .visit('annual', {
        daysAgo: 372,
        time: '09:00',
        mode: 'in-person',
        type: snomed('185349003', 'Encounter for check up', 'Yearly check-up'),
        reason: 'Yearly check-up',
        minutes: 30,
        by: 'castellanos',
        pressure: [116, 72],
        vitals: { heartRate: 68, respiratoryRate: 14, oxygen: 99, temperature: 36.6, weight: 64.2 },
      })
      .labs('blood', 371, { hemoglobin: 12.9, leukocytes: 6.2, platelets: 268 })
      .labs('lipids', 371, { cholesterol: 172, ldl: 96, hdl: 61, triglycerides: 78 })
      .medicine(
        'sumatriptan',
        rxnorm('313161', 'sumatriptan 50 MG Oral Tablet', 'Sumatriptan 50 mg tablet'),
        {
          since: 189,
          sig: 'One tablet when a migraine starts; may be repeated once after 2 hours. At most 9 days a month.',
          dose: [50, 'mg'],
          asNeeded: true,
          for: 'migraine',
        },
      )
      .medicine(
        'topiramate',
        rxnorm('151226', 'topiramate 50 MG Oral Tablet', 'Topiramate 50 mg tablet'),
        {
          since: 96,
          sig: 'One tablet at bedtime',
          dose: [50, 'mg'],
          times: [1, 1],
          for: 'migraine',
        },
      )
      .medicine(
        'albuterol',
        rxnorm(
          '745679',
          '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler',
          'Albuterol 90 µg inhaler',
        ),
        {
          since: 1480,
          sig: 'Two puffs when short of breath or wheezing, up to every 4 hours',
          asNeeded: true,
          route: 'inhaled',
          for: 'asthma',
        },
      )
      .medicine(
        'cetirizine',
        rxnorm('1014678', 'cetirizine hydrochloride 10 MG Oral Tablet', 'Cetirizine 10 mg tablet'),
        {
          since: 940,
          sig: 'One tablet a day in the pollen season',
          dose: [10, 'mg'],
          times: [1, 1],
          asNeeded: true,
          for: 'rhinitis',
        },
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 44)
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 403)
      .shot('115', 'Tdap', 1660);
  },
};
