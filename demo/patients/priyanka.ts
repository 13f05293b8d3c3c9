/** A woman of 31 expecting her first child, with an underactive thyroid. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import { newYork } from '../clinic.ts';
import type { Story } from './story.ts';

export const priyanka: Story = {
  person: {
    key: 'priyanka',
    mrn: 'HL-231907',
    given: ['Priyanka'],
    family: 'Raghunathan',
    gender: 'female',
    age: { years: 31, days: 45 },
    phone: '+1 212 555 0151',
    email: 'priyanka.raghunathan@example.org',
    address: {
      line: ['92 Marigold Terrace'],
      city: 'Jersey City',
      state: 'NJ',
      postalCode: '07302',
      country: 'US',
    },
    language: 'en-US',
    marital: 'M',
    contact: {
      relation: 'SPS',
      display: 'spouse',
      given: ['Karthik'],
      family: 'Subramaniam',
      phone: '+1 212 555 0152',
    },
    doctor: 'castellanos',
  },
  zone: newYork,
  // Trimester-specific limits [ATA 2017 thyroid in pregnancy; ACOG anaemia in pregnancy].
  ranges: { tsh: { low: 0.1, high: 4 }, hemoglobin: { low: 10.5, high: 14 } },
  write(chart) {
    const prenatal = snomed('424619006', 'Prenatal visit', 'Prenatal visit');
    chart
      .team('adeyemi')
      .problem('thyroid', diagnosis('40930008', 'Hypothyroidism', 'E03.9'), 1510, {
        note: 'Hashimoto thyroiditis, antibodies positive at diagnosis.',
      })
      .problem(
        'pregnancy',
        diagnosis('72892002', 'Normal pregnancy', 'Z34.02', 'Pregnancy, first child'),
        131,
      )
      .problem(
        'nausea',
        diagnosis('422587007', 'Nausea', 'O21.0', 'Nausea of early pregnancy'),
        118,
        { abated: 70 },
      )
      .allergy('sulfonamide', snomed('91939003', 'Allergy to sulfonamide'), {
        category: 'medication',
        criticality: 'low',
        since: 4020,
        reaction: [snomed('271807003', 'Eruption of skin', 'Rash'), 'mild'],
      })
      .smoking('never', 125)
      .visit('prenatal-1', {
        daysAgo: 124,
        time: '09:30',
        mode: 'in-person',
        type: snomed('424441002', 'Prenatal initial visit', 'First prenatal visit'),
        reason: 'First prenatal visit, 7 weeks',
        minutes: 40,
        about: ['pregnancy', 'thyroid'],
        pressure: [112, 70],
        vitals: { heartRate: 78, weight: 58.4, height: 161, temperature: 36.7 },
        soap: {
          s: 'First pregnancy, planned, last period seven weeks ago. Nausea most mornings, keeps fluids down. Takes levothyroxine 75 µg and folic acid. No bleeding, no pain.',
          o: 'BP 112/70, weight 58.4 kg. Thyroid slightly enlarged, smooth. Single intrauterine pregnancy with heartbeat on ultrasound elsewhere, dates agree.',
          a: 'Intrauterine pregnancy at 7 weeks. Hypothyroidism: the need for levothyroxine rises in the first trimester.',
          p: 'Levothyroxine up to 100 µg daily, TSH every four weeks until mid-pregnancy. Prenatal vitamins, iron four hours apart from levothyroxine. First-trimester bloods today.',
        },
      })
      .visit('prenatal-2', {
        daysAgo: 61,
        time: '15:00',
        mode: 'video',
        type: prenatal,
        reason: 'Prenatal review, 16 weeks',
        minutes: 20,
        about: ['pregnancy', 'thyroid'],
        pressure: [110, 68],
        vitals: { heartRate: 82, weight: 60.6 },
        soap: {
          s: 'Nausea gone since week 14. Sleeps well. First flutters perhaps. No bleeding.',
          o: 'Home BP 110/68, weight 60.6 kg.',
          a: 'Normal course at 16 weeks. TSH in the goal range on 100 µg.',
          p: 'Continue. Anatomy scan at 20 weeks, glucose screen at 24 to 28 weeks. Tdap from week 27.',
        },
      })
      .visit('prenatal-3', {
        daysAgo: 12,
        time: '10:00',
        mode: 'in-person',
        type: prenatal,
        reason: 'Prenatal visit, 23 weeks',
        minutes: 25,
        about: ['pregnancy'],
        pressure: [114, 70],
        vitals: { heartRate: 86, weight: 64.3 },
      })
      .labs('thyroid', 372, { tsh: 2.31 })
      .labs('thyroid', 123, { tsh: 4.86 }, 'Above the goal for the first trimester.')
      .labs('thyroid', 95, { tsh: 2.74 })
      .labs('thyroid', 66, { tsh: 1.92 })
      .labs('thyroid', 12, { tsh: 1.67 })
      .labs('blood', 123, { hemoglobin: 12.6, leukocytes: 8.1, platelets: 241 })
      .labs('blood', 12, { hemoglobin: 10.9, leukocytes: 9.4, platelets: 226 })
      .procedure(
        'scan',
        snomed('271442007', 'Fetal anatomy study', 'Anatomy ultrasound'),
        33,
        'Normal anatomy for 20 weeks, placenta clear of the cervix.',
        'pregnancy',
      )
      .medicine(
        'levothyroxine-75',
        rxnorm('966222', 'levothyroxine sodium 0.075 MG Oral Tablet', 'Levothyroxine 75 µg tablet'),
        {
          since: 1510,
          until: 124,
          sig: 'One tablet on an empty stomach every morning',
          dose: [75, 'ug'],
          times: [1, 1],
          for: 'thyroid',
        },
      )
      .medicine(
        'levothyroxine-100',
        rxnorm('966224', 'levothyroxine sodium 0.1 MG Oral Tablet', 'Levothyroxine 100 µg tablet'),
        {
          since: 124,
          sig: 'One tablet on an empty stomach every morning, four hours apart from iron',
          dose: [100, 'ug'],
          times: [1, 1],
          for: 'thyroid',
        },
      )
      .medicine(
        'prenatal',
        { text: 'Prenatal multivitamin with iron and folic acid' },
        {
          since: 150,
          sig: 'One tablet a day with the evening meal',
          times: [1, 1],
          for: 'pregnancy',
        },
      )
      .order(
        'glucose',
        snomed('113076002', 'Glucose tolerance test', 'Glucose screen, one hour after 50 g'),
        12,
        'pregnancy',
        'Between weeks 24 and 28.',
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 40);
  },
};
