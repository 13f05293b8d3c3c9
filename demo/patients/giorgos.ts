/** A man of 63, a year after a heart attack. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import type { Story } from './story.ts';

const followUp = snomed('390906007', 'Follow-up encounter');

export const giorgos: Story = {
  person: {
    key: 'giorgos',
    mrn: 'HL-176309',
    given: ['Γεώργιος'],
    family: 'Παπαδημητρίου',
    usual: { given: ['Georgios'], family: 'Papadimitriou' },
    gender: 'male',
    age: { years: 63, days: 140 },
    phone: '+1 212 555 0185',
    address: {
      line: ['77-14 Thessaly Boulevard'],
      city: 'Astoria',
      state: 'NY',
      postalCode: '11105',
      country: 'US',
    },
    language: 'el',
    marital: 'M',
    contact: {
      relation: 'SPS',
      display: 'spouse',
      given: ['Eleftheria'],
      family: 'Papadimitriou',
      phone: '+1 212 555 0186',
    },
    doctor: 'castellanos',
  },
  // After an infarction the goal for LDL is lower [ACC/AHA 2018].
  ranges: { ldl: { high: 69 } },
  write(chart) {
    chart
      .team()
      .problem(
        'coronary',
        diagnosis('53741008', 'Coronary arteriosclerosis', 'I25.10', 'Coronary artery disease'),
        467,
      )
      .problem(
        'infarction',
        diagnosis(
          '401314000',
          'Acute non-ST segment elevation myocardial infarction',
          'I21.4',
          'Heart attack (NSTEMI)',
        ),
        467,
        { abated: 439 },
      )
      .problem('hypertension', diagnosis('59621000', 'Essential hypertension', 'I10'), 3500)
      .problem('lipids', diagnosis('55822004', 'Hyperlipidemia', 'E78.5'), 467)
      .problem('gout', diagnosis('90560007', 'Gout', 'M10.9'), 1300)
      .allergy('contrast', snomed('293637006', 'Allergy to contrast media'), {
        category: 'medication',
        criticality: 'low',
        since: 466,
        reaction: [snomed('247472004', 'Hives'), 'mild'],
      })
      .smoking('former', 460)
      .procedure(
        'stent',
        snomed('415070008', 'Percutaneous coronary intervention', 'Coronary stent'),
        466,
        'One drug-eluting stent to the left anterior descending artery.',
        'infarction',
      )
      .procedure(
        'echo',
        snomed('40701008', 'Echocardiography'),
        464,
        'Ejection fraction 52 %, mild apical hypokinesia.',
        'infarction',
      )
      .procedure(
        'rehab',
        snomed('313395003', 'Cardiac rehabilitation'),
        395,
        'Finished 24 of 24 sessions.',
        'coronary',
      );
    const visits = [
      [452, '11:00', 'in-person', [138, 84], 74, 88.4, 'After the heart attack'],
      [360, '10:30', 'video', [131, 80], 66, 86.1, 'Heart follow-up'],
      [181, '14:00', 'in-person', [127, 78], 62, 84.0, 'Heart follow-up'],
      [54, '15:30', 'video', [126, 76], 61, 83.2, 'Tablets a year after the stent'],
    ] as const;
    const notes = [
      {
        s: 'Two weeks after an NSTEMI with a stent to the LAD. No chest pain since. Breathless on two flights. Anxious about exercise.',
        o: 'BP 138/84, pulse 74 regular. Wrist puncture healed. Lungs clear, no oedema.',
        a: 'Recovering well after NSTEMI, ejection fraction preserved.',
        p: 'Aspirin and ticagrelor for twelve months, atorvastatin 80 mg, metoprolol, lisinopril. Cardiac rehabilitation. Nitroglycerin explained. LDL in six weeks, goal below 70.',
      },
      undefined,
      {
        s: 'Walks an hour a day, no angina. One gout attack of the left toe in spring.',
        o: 'BP 127/78, pulse 62, weight 84 kg. LDL 61. Uric acid 8.6.',
        a: 'Stable coronary disease, LDL at goal. Gout with urate above goal.',
        p: 'Start allopurinol 100 mg with colchicine cover, raise to a urate below 6. No NSAIDs with two antiplatelets.',
      },
      {
        s: 'A year since the stent. Bruises easily, no bleeding, black stools denied. No angina.',
        o: 'Home BP 126/76. LDL 58, uric acid 5.7, haemoglobin 14.1.',
        a: 'Twelve months of dual antiplatelet therapy complete, bleeding risk moderate.',
        p: 'Stop ticagrelor, aspirin 81 mg for life. Continue the rest. Yearly visit in person.',
      },
    ];
    visits.forEach(([daysAgo, time, mode, pressure, heartRate, weight, reason], index) =>
      chart.visit(`heart-${index + 1}`, {
        daysAgo,
        time,
        mode,
        type: followUp,
        reason,
        minutes: mode === 'video' ? 18 : 30,
        about: ['coronary', 'hypertension'],
        pressure,
        vitals: { heartRate, weight, ...(index === 0 && { height: 174, oxygen: 97 }) },
        soap: notes[index],
      }),
    );
    for (const [daysAgo, cholesterol, ldl, hdl, triglycerides] of [
      [466, 226, 146, 39, 205],
      [410, 156, 84, 41, 155],
      [357, 139, 70, 43, 130],
      [183, 131, 61, 45, 125],
      [57, 128, 58, 46, 120],
    ] as const)
      chart.labs('lipids', daysAgo, { cholesterol, ldl, hdl, triglycerides });
    chart
      .labs('metabolic', 183, {
        glucose: 97,
        creatinine: 1.08,
        egfr: 77,
        sodium: 140,
        potassium: 4.4,
        urea: 17,
      })
      .labs('metabolic', 57, {
        glucose: 95,
        creatinine: 1.05,
        egfr: 80,
        sodium: 139,
        potassium: 4.5,
        urea: 16,
      })
      .labs('urate', 183, { urate: 8.6 })
      .labs('urate', 120, { urate: 6.9 })
      .labs('urate', 57, { urate: 5.7 })
      .labs('blood', 57, { hemoglobin: 14.1, leukocytes: 6.7, platelets: 219 })
      .medicine('aspirin', rxnorm('243670', 'aspirin 81 MG Oral Tablet', 'Aspirin 81 mg tablet'), {
        since: 466,
        sig: 'One tablet a day',
        dose: [81, 'mg'],
        times: [1, 1],
        for: 'coronary',
      })
      .medicine(
        'ticagrelor',
        rxnorm('1116635', 'ticagrelor 90 MG Oral Tablet', 'Ticagrelor 90 mg tablet'),
        {
          since: 466,
          until: 54,
          stopped: 'Twelve months after the stent completed',
          sig: 'One tablet twice a day',
          dose: [90, 'mg'],
          times: [2, 1],
          for: 'coronary',
        },
      )
      .medicine(
        'atorvastatin',
        rxnorm('259255', 'atorvastatin 80 MG Oral Tablet', 'Atorvastatin 80 mg tablet'),
        {
          since: 466,
          sig: 'One tablet in the evening',
          dose: [80, 'mg'],
          times: [1, 1],
          for: 'lipids',
        },
      )
      .medicine(
        'metoprolol',
        rxnorm(
          '866436',
          '24 HR metoprolol succinate 50 MG Extended Release Oral Tablet',
          'Metoprolol succinate ER 50 mg tablet',
        ),
        {
          since: 466,
          sig: 'One tablet in the morning',
          dose: [50, 'mg'],
          times: [1, 1],
          for: 'coronary',
        },
      )
      .medicine(
        'lisinopril',
        rxnorm('314076', 'lisinopril 10 MG Oral Tablet', 'Lisinopril 10 mg tablet'),
        {
          since: 3500,
          sig: 'One tablet in the morning',
          dose: [10, 'mg'],
          times: [1, 1],
          for: 'hypertension',
        },
      )
      .medicine(
        'allopurinol',
        rxnorm('197319', 'allopurinol 100 MG Oral Tablet', 'Allopurinol 100 mg tablet'),
        {
          since: 181,
          sig: 'Two tablets a day after breakfast',
          dose: [200, 'mg'],
          times: [1, 1],
          for: 'gout',
        },
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 58)
      .shot('33', 'pneumococcal polysaccharide vaccine, 23 valent', 181);
  },
};
