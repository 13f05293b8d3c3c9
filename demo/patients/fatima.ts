/** A woman of 39 whose rheumatoid arthritis goes into remission. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import { madrid } from '../clinic.ts';
import type { Story } from './story.ts';

const followUp = snomed('390906007', 'Follow-up encounter');

export const fatima: Story = {
  person: {
    key: 'fatima',
    mrn: 'HL-318842',
    given: ['Fátima Zahra'],
    family: 'Benhaddou El Idrissi',
    usual: { given: ['فاطمة الزهراء'], family: 'بنحدو الإدريسي' },
    gender: 'female',
    age: { years: 39, days: 260 },
    phone: '+34 910 555 044',
    email: 'fatima.benhaddou@example.org',
    address: {
      line: ['Paseo de los Jazmines 8, 1.º A'],
      city: 'Getafe',
      postalCode: '28901',
      country: 'ES',
    },
    language: 'es',
    marital: 'M',
    contact: {
      relation: 'SPS',
      display: 'spouse',
      given: ['Youssef'],
      family: 'Lahlou Berrada',
      phone: '+34 910 555 045',
    },
    doctor: 'iturbide',
  },
  zone: madrid,
  write(chart) {
    chart
      .team()
      .problem('arthritis', diagnosis('69896004', 'Rheumatoid arthritis', 'M06.9'), 418, {
        note: 'Rheumatoid factor and anti-CCP positive, no erosions on the first radiographs.',
      })
      .problem(
        'anemia',
        diagnosis('271737000', 'Anemia', 'D63.8', 'Anemia of chronic inflammation'),
        410,
        { abated: 120 },
      )
      .smoking('never', 418)
      .visit('joints-1', {
        daysAgo: 418,
        time: '09:20',
        mode: 'in-person',
        type: snomed('185345009', 'Encounter for symptom', 'Visit for a symptom'),
        reason: 'Dolor y rigidez de manos por la mañana',
        minutes: 35,
        about: ['arthritis'],
        pressure: [122, 76],
        vitals: { heartRate: 82, weight: 61.2, height: 160, temperature: 37.1 },
        soap: {
          s: 'Tres meses de dolor y rigidez matutina de más de una hora en manos y pies. Cansancio. No planea embarazo, usa DIU.',
          o: 'Sinovitis en segunda y tercera metacarpofalángicas de ambas manos y muñecas. Once articulaciones dolorosas, ocho tumefactas. PCR 38, VSG 54, anti-CCP positivo.',
          a: 'Artritis reumatoide de inicio, actividad alta.',
          p: 'Metotrexato 15 mg semanal con ácido fólico 1 mg. Prednisona 10 mg en pauta descendente. Radiografías, hepatitis y QuantiFERON negativos. Hemograma y transaminasas cada cuatro semanas.',
        },
      })
      .visit('joints-2', {
        daysAgo: 322,
        time: '12:00',
        mode: 'video',
        type: followUp,
        reason: 'Revisión del tratamiento',
        minutes: 20,
        about: ['arthritis'],
        soap: {
          s: 'Rigidez de veinte minutos. Náusea leve el día del metotrexato.',
          o: 'Cierra ambos puños en cámara. PCR 12, ALT 31.',
          a: 'Buena respuesta, actividad baja a moderada.',
          p: 'Metotrexato 20 mg semanal repartido, retirar prednisona. Continuar ácido fólico.',
        },
      })
      .visit('joints-3', {
        daysAgo: 33,
        time: '18:00',
        mode: 'video',
        type: followUp,
        reason: 'Revisión de artritis',
        minutes: 16,
        about: ['arthritis'],
        soap: {
          s: 'Sin rigidez, trabaja a jornada completa. Ninguna infección.',
          o: 'Manos sin tumefacción visible, puño completo. PCR 3, hemoglobina 12,8, ALT 28.',
          a: 'Remisión clínica en tratamiento.',
          p: 'Mantener 20 mg. Analítica cada tres meses. Vacuna de la gripe puesta.',
        },
      });
    for (const [daysAgo, crp, sedimentation] of [
      [415, 38.4, 54],
      [386, 24.1, 41],
      [357, 15.8, 33],
      [325, 12.2, 27],
      [240, 6.9, 19],
      [150, 4.1, 15],
      [36, 3.2, 12],
    ] as const)
      chart.labs('inflammation', daysAgo, { crp, sedimentation });
    for (const [daysAgo, hemoglobin, leukocytes, platelets, alt] of [
      [415, 10.8, 8.9, 438, 22],
      [357, 11.2, 8.1, 402, 29],
      [325, 11.6, 7.4, 361, 31],
      [240, 11.9, 6.8, 322, 34],
      [150, 12.4, 6.2, 301, 30],
      [36, 12.8, 6.4, 288, 28],
    ] as const)
      chart
        .labs('blood', daysAgo, { hemoglobin, leukocytes, platelets })
        .labs('liver', daysAgo, { alt });
    chart
      .medicine(
        'methotrexate',
        rxnorm('105585', 'methotrexate 2.5 MG Oral Tablet', 'Metotrexato 2,5 mg comprimido'),
        {
          since: 322,
          sig: 'Ocho comprimidos (20 mg) UNA vez por semana, los lunes',
          dose: [20, 'mg'],
          times: [1, 7],
          for: 'arthritis',
        },
      )
      .medicine(
        'folic',
        rxnorm('310410', 'folic acid 1 MG Oral Tablet', 'Ácido fólico 1 mg comprimido'),
        {
          since: 418,
          sig: 'Un comprimido al día, salvo el día del metotrexato',
          dose: [1, 'mg'],
          times: [1, 1],
          for: 'arthritis',
        },
      )
      .medicine(
        'prednisone',
        rxnorm('312617', 'predniSONE 5 MG Oral Tablet', 'Prednisona 5 mg comprimido'),
        {
          since: 418,
          until: 322,
          sig: 'Dos comprimidos al día, pauta descendente',
          dose: [10, 'mg'],
          times: [1, 1],
          for: 'arthritis',
        },
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 33)
      .shot('33', 'pneumococcal polysaccharide vaccine, 23 valent', 402);
  },
};
