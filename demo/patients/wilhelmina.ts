/** A woman of 89 who died of heart failure, at home. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import type { Story } from './story.ts';

const followUp = snomed('390906007', 'Follow-up encounter');
const checkUp = snomed('185349003', 'Encounter for check up', 'Check-up');

export const wilhelmina: Story = {
  person: {
    key: 'wilhelmina',
    mrn: 'HL-120093',
    given: ['Wilhelmina', 'Roosje'],
    family: 'Ostrander',
    gender: 'female',
    age: { years: 89, days: 190 },
    phone: '+1 212 555 0197',
    address: {
      line: ['4 Quillmakers Alley'],
      city: 'New York',
      state: 'NY',
      postalCode: '10028',
      country: 'US',
    },
    language: 'en-US',
    marital: 'W',
    contact: {
      relation: 'DAU',
      display: 'natural daughter',
      given: ['Henrietta'],
      family: 'Ostrander-Vance',
      phone: '+1 212 555 0198',
    },
    doctor: 'castellanos',
    deceased: 88,
  },
  // At her age and with heart failure the laboratory's line for NT-proBNP is 1800 [ESC 2021].
  ranges: { natriuretic: { high: 1800 } },
  write(chart) {
    chart
      .team()
      .problem('failure', diagnosis('84114007', 'Heart failure', 'I50.9'), 1720)
      .problem('kidney', diagnosis('700379002', 'Chronic kidney disease stage 3B', 'N18.32'), 1410)
      .problem('fibrillation', diagnosis('49436004', 'Atrial fibrillation', 'I48.91'), 2210)
      .problem('osteoporosis', diagnosis('64859006', 'Osteoporosis', 'M81.0'), 4100)
      .allergy('penicillin', snomed('91936005', 'Allergy to penicillin'), {
        category: 'medication',
        criticality: 'high',
        since: 18000,
        reaction: [snomed('39579001', 'Anaphylaxis'), 'severe'],
      })
      .smoking('never', 700);
    const visits = [
      [520, '10:00', 'in-person', [128, 70], 72, 95, 58.9],
      [312, '10:30', 'video', [122, 68], 76, 94, 60.4],
      [171, '11:00', 'video', [116, 64], 82, 92, 63.1],
      [119, '11:30', 'video', [108, 60], 88, 91, 61.7],
    ] as const;
    const notes = [
      undefined,
      undefined,
      {
        s: 'More swollen ankles and two pillows at night. Her daughter weighs her daily: up 2.7 kg in three weeks. No chest pain.',
        o: 'Comfortable at rest, oedema to the knee on camera, oxygen 92 %, BP 116/64.',
        a: 'Heart failure decompensating, kidney function declining.',
        p: 'Furosemide 80 mg in the morning for five days, then 40 mg twice a day. Labs in three days. Goals of care: wishes to stay at home, no hospital, DNR signed and shared.',
      },
      {
        s: 'Tired, eats little, comfortable. Family present.',
        o: 'BP 108/60, oxygen 91 %, weight 61.7 kg.',
        a: 'Advanced heart failure, comfort first.',
        p: 'Home hospice from Monday. Apixaban and atorvastatin stopped as agreed. Low-dose morphine for breathlessness by the hospice team. Daughter has our direct number.',
      },
    ];
    visits.forEach(([daysAgo, time, mode, pressure, heartRate, oxygen, weight], index) =>
      chart.visit(`heart-${index + 1}`, {
        daysAgo,
        time,
        mode,
        type: index === 0 ? checkUp : followUp,
        reason: index === 3 ? 'Talk with the family about comfort' : 'Heart failure review',
        minutes: 28,
        about: ['failure', 'kidney'],
        pressure,
        vitals: { heartRate, oxygen, weight, ...(index === 0 && { height: 156 }) },
        soap: notes[index],
      }),
    );
    for (const [daysAgo, creatinine, egfr, potassium, urea, natriuretic] of [
      [520, 1.38, 37, 4.6, 28, 1640],
      [315, 1.51, 33, 4.8, 34, 2320],
      [174, 1.79, 27, 5, 44, 5480],
      [122, 2.06, 23, 5.3, 57, 7910],
    ] as const)
      chart
        .labs('metabolic', daysAgo, { glucose: 96, creatinine, egfr, sodium: 137, potassium, urea })
        .labs('heart', daysAgo, { natriuretic });
    chart
      .medicine(
        'furosemide',
        rxnorm('313988', 'furosemide 40 MG Oral Tablet', 'Furosemide 40 mg tablet'),
        {
          since: 171,
          until: 88,
          sig: 'One tablet twice a day',
          dose: [40, 'mg'],
          times: [2, 1],
          for: 'failure',
        },
      )
      .medicine(
        'apixaban',
        rxnorm('1364435', 'apixaban 2.5 MG Oral Tablet', 'Apixaban 2.5 mg tablet'),
        {
          since: 2100,
          until: 119,
          stopped: 'Comfort care',
          sig: 'One tablet twice a day',
          dose: [2.5, 'mg'],
          times: [2, 1],
          for: 'fibrillation',
        },
      )
      .medicine(
        'carvedilol',
        rxnorm('200033', 'carvedilol 25 MG Oral Tablet', 'Carvedilol 25 mg tablet'),
        {
          since: 1720,
          until: 88,
          sig: 'Half a tablet twice a day with food',
          dose: [12.5, 'mg'],
          times: [2, 1],
          for: 'failure',
        },
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 410);
  },
};
