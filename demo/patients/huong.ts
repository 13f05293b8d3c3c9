/** A woman of 58 whose diabetes and blood pressure come under control over two years. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import { newYork } from '../clinic.ts';
import type { Story } from './story.ts';

const followUp = snomed('390906007', 'Follow-up encounter');
const checkUp = snomed('185349003', 'Encounter for check up', 'Check-up');

export const huong: Story = {
  person: {
    key: 'huong',
    mrn: 'HL-198244',
    given: ['Thị Hương'],
    family: 'Nguyễn',
    gender: 'female',
    age: { years: 58, days: 77 },
    phone: '+1 212 555 0126',
    email: 'huong.nguyen@example.org',
    address: {
      line: ['2240 Wisteria Avenue'],
      city: 'Yonkers',
      state: 'NY',
      postalCode: '10704',
      country: 'US',
    },
    language: 'vi',
    interpreter: true,
    marital: 'M',
    contact: {
      relation: 'DAU',
      display: 'natural daughter',
      given: ['Linh'],
      family: 'Nguyễn-Delacroix',
      phone: '+1 212 555 0127',
    },
    doctor: 'castellanos',
  },
  zone: newYork,
  write(chart) {
    chart
      .team('adeyemi')
      .problem('diabetes', diagnosis('44054006', 'Type 2 diabetes mellitus', 'E11.9'), 3140)
      .problem('hypertension', diagnosis('59621000', 'Essential hypertension', 'I10'), 2570)
      .problem('lipids', diagnosis('55822004', 'Hyperlipidemia', 'E78.5'), 2570)
      .problem(
        'retina',
        diagnosis(
          '1551000119108',
          'Nonproliferative diabetic retinopathy due to type 2 diabetes mellitus',
          'E11.329',
          'Mild diabetic retinopathy',
        ),
        402,
        { severity: 'mild' },
      )
      .problem('bronchitis', diagnosis('10509002', 'Acute bronchitis', 'J20.9'), 690, {
        abated: 676,
      })
      .allergy('shellfish', snomed('300913006', 'Allergy to shellfish'), {
        category: 'food',
        criticality: 'low',
        since: 11000,
        reaction: [snomed('247472004', 'Hives'), 'mild'],
      })
      .smoking('never', 730);
    const visits = [
      [724, '09:30', 'in-person', [152, 92], 71.8, 'Diabetes and blood pressure review'],
      [548, '10:00', 'video', [146, 88], 71.2, 'Diabetes review by video'],
      [366, '09:30', 'in-person', [141, 86], 69.9, 'Yearly diabetes check'],
      [190, '11:30', 'video', [134, 82], 68.4, 'Diabetes review by video'],
      [82, '13:30', 'in-person', [128, 78], 67.1, 'Diabetes and foot check'],
    ] as const;
    const notes = [
      undefined,
      undefined,
      {
        s: 'Feels well, walks thirty minutes most days with her daughter. Checks sugar before breakfast: 140 to 170. Sometimes forgets the evening metformin. No low sugars, no chest pain.',
        o: 'BP 141/86, weight 69.9 kg. Feet: pulses present, monofilament felt at all sites. A1c 8.1 %, LDL 112. Fundus photograph: a few microaneurysms in both eyes.',
        a: 'Type 2 diabetes above goal, improving. New mild retinopathy, no treatment needed. Blood pressure and LDL above goal.',
        p: 'Metformin 1000 mg twice daily. Lisinopril up to 20 mg. Atorvastatin up to 40 mg. Eye photograph yearly. Pill box. Vietnamese leaflet on sick-day rules sent.',
      },
      {
        s: 'Takes tablets from the pill box, none missed this month. Breakfast sugars 115 to 140. Mild loose stools when metformin went up, settled.',
        o: 'Home BP around 134/82, weight 68.4 kg. A1c 7.4 %.',
        a: 'Diabetes near goal. Blood pressure nearly there.',
        p: 'Add amlodipine 5 mg. Continue the rest. Labs and feet in person in three months. Interpreter present throughout.',
      },
      {
        s: 'No complaints. Ankles not swollen on amlodipine. Walks daily.',
        o: 'BP 128/78, weight 67.1 kg. Feet normal, nails trimmed. A1c 6.9 %, LDL 71, creatinine 0.81, urine albumin 24 mg/g (was 46).',
        a: 'Diabetes, blood pressure and LDL at goal; albuminuria back to normal.',
        p: 'No change. Review by video in three months with home readings. Influenza vaccine given. Eye photograph due in the new year.',
      },
    ];
    visits.forEach(([daysAgo, time, mode, pressure, weight, reason], index) =>
      chart.visit(`diabetes-${index + 1}`, {
        daysAgo,
        time,
        mode,
        type: index === 2 ? checkUp : followUp,
        reason,
        minutes: mode === 'video' ? 22 : 30,
        about: ['diabetes', 'hypertension', 'lipids'],
        pressure,
        vitals: {
          heartRate: 76 - index,
          weight,
          ...(index === 0 && { height: 154 }),
          ...(mode === 'in-person' && { oxygen: 98, temperature: 36.6 }),
        },
        soap: notes[index],
      }),
    );
    chart.home({
      from: 77,
      every: 4,
      count: 19,
      pressure: [
        [137, 84],
        [126, 77],
      ],
      heartRate: 72,
    });
    for (const [daysAgo, a1c] of [
      [1090, 9.2],
      [906, 8.9],
      [724, 8.8],
      [548, 8.4],
      [366, 8.1],
      [190, 7.4],
      [84, 6.9],
    ] as const)
      chart.labs('a1c', daysAgo, { a1c });
    chart
      .labs('lipids', 724, { cholesterol: 232, ldl: 148, hdl: 43, triglycerides: 205 })
      .labs('lipids', 366, { cholesterol: 194, ldl: 112, hdl: 46, triglycerides: 180 })
      .labs('lipids', 84, { cholesterol: 148, ldl: 71, hdl: 50, triglycerides: 134 })
      .labs('metabolic', 724, {
        glucose: 181,
        creatinine: 0.86,
        egfr: 79,
        sodium: 139,
        potassium: 4.2,
        urea: 16,
      })
      .labs('metabolic', 366, {
        glucose: 158,
        creatinine: 0.84,
        egfr: 81,
        sodium: 140,
        potassium: 4.4,
        urea: 15,
      })
      .labs('metabolic', 84, {
        glucose: 118,
        creatinine: 0.81,
        egfr: 84,
        sodium: 139,
        potassium: 4.5,
        urea: 15,
      })
      .labs(
        'urine',
        366,
        { albuminRatio: 46 },
        'Moderately increased; repeat after three months of treatment.',
      )
      .labs('urine', 84, { albuminRatio: 24 })
      .procedure(
        'fundus',
        snomed('314971001', 'Camera fundoscopy', 'Eye photograph'),
        402,
        'Microaneurysms in both eyes, no macular oedema.',
        'diabetes',
      )
      .procedure(
        'mammogram',
        snomed('24623002', 'Screening mammography'),
        298,
        'BI-RADS 1, negative.',
      )
      .procedure(
        'colonoscopy',
        snomed('73761001', 'Colonoscopy'),
        1620,
        'Normal to the caecum. Next in ten years.',
      )
      .medicine(
        'metformin',
        rxnorm('861004', 'metformin hydrochloride 1000 MG Oral Tablet', 'Metformin 1000 mg tablet'),
        {
          since: 366,
          sig: 'One tablet twice a day with meals',
          dose: [1000, 'mg'],
          times: [2, 1],
          for: 'diabetes',
        },
      )
      .medicine(
        'metformin-500',
        rxnorm('861007', 'metformin hydrochloride 500 MG Oral Tablet', 'Metformin 500 mg tablet'),
        {
          since: 3140,
          until: 366,
          sig: 'One tablet twice a day with meals',
          dose: [500, 'mg'],
          times: [2, 1],
          for: 'diabetes',
        },
      )
      .medicine(
        'lisinopril',
        rxnorm('314077', 'lisinopril 20 MG Oral Tablet', 'Lisinopril 20 mg tablet'),
        {
          since: 366,
          sig: 'One tablet in the morning',
          dose: [20, 'mg'],
          times: [1, 1],
          for: 'hypertension',
        },
      )
      .medicine(
        'amlodipine',
        rxnorm('197361', 'amlodipine 5 MG Oral Tablet', 'Amlodipine 5 mg tablet'),
        {
          since: 190,
          sig: 'One tablet in the morning',
          dose: [5, 'mg'],
          times: [1, 1],
          for: 'hypertension',
        },
      )
      .medicine(
        'atorvastatin',
        rxnorm('617311', 'atorvastatin 40 MG Oral Tablet', 'Atorvastatin 40 mg tablet'),
        {
          since: 366,
          sig: 'One tablet in the evening',
          dose: [40, 'mg'],
          times: [1, 1],
          for: 'lipids',
        },
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 82)
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 430)
      .shot('33', 'pneumococcal polysaccharide vaccine, 23 valent', 1410)
      .shot('187', 'zoster recombinant', 820, 1)
      .shot('187', 'zoster recombinant', 724, 2)
      .order(
        'fundus',
        snomed('314971001', 'Camera fundoscopy', 'Eye photograph'),
        82,
        'retina',
        'Yearly, due in the new year.',
      );
  },
};
