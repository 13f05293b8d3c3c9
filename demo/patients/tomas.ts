/** A boy of nine with asthma and a peanut allergy. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import type { Story } from './story.ts';

export const tomas: Story = {
  person: {
    key: 'tomas',
    mrn: 'HL-327715',
    given: ['Tomás'],
    family: 'Quiroga Beltrán',
    gender: 'male',
    age: { years: 9, days: 84 },
    phone: '+34 910 555 057',
    address: {
      line: ['Travesía del Molinillo 31, 2.º D'],
      city: 'Alcalá de Henares',
      postalCode: '28801',
      country: 'ES',
    },
    language: 'es',
    contact: {
      relation: 'MTH',
      display: 'mother',
      given: ['Leocadia'],
      family: 'Beltrán Usero',
      phone: '+34 910 555 058',
    },
    doctor: 'iturbide',
  },
  // A nine-year-old's pulse and breathing; peak flow against his own best of 290.
  ranges: {
    heartRate: { low: 70, high: 110 },
    respiratoryRate: { low: 16, high: 24 },
    peakFlow: { low: 232 },
  },
  write(chart) {
    chart
      .team()
      .problem(
        'asthma',
        diagnosis('195967001', 'Asthma', 'J45.30', 'Mild persistent asthma'),
        1560,
        { severity: 'mild' },
      )
      .problem(
        'peanut',
        diagnosis('91935009', 'Allergy to peanut', 'Z91.010', 'Peanut allergy'),
        2630,
      )
      .problem('eczema', diagnosis('24079001', 'Atopic dermatitis', 'L20.9'), 3080, {
        abated: 1200,
      })
      .allergy('peanut', snomed('91935009', 'Allergy to peanut'), {
        category: 'food',
        criticality: 'high',
        since: 2630,
        reaction: [snomed('39579001', 'Anaphylaxis'), 'severe'],
      })
      .visit('asthma-1', {
        daysAgo: 256,
        time: '17:00',
        mode: 'video',
        type: snomed('390906007', 'Follow-up encounter'),
        reason: 'Tos por la noche',
        minutes: 20,
        about: ['asthma'],
        vitals: { peakFlow: 210, heartRate: 96, weight: 27.4, height: 131 },
        soap: {
          s: 'Tos nocturna tres veces por semana desde el inicio del curso. Usa el inhalador de rescate a diario en educación física.',
          o: 'Habla sin dificultad, sin tiraje en cámara. Flujo máximo 210 (mejor personal 290).',
          a: 'Asma parcialmente controlada.',
          p: 'Iniciar fluticasona 44 µg, dos inhalaciones dos veces al día con cámara. Técnica revisada con su madre. Plan de acción para el colegio.',
        },
      })
      .visit('asthma-2', {
        daysAgo: 158,
        time: '16:20',
        mode: 'in-person',
        type: snomed('185349003', 'Encounter for check up', 'Check-up'),
        reason: 'Revisión de asma y alergia',
        minutes: 30,
        about: ['asthma', 'peanut'],
        pressure: [102, 62],
        vitals: {
          peakFlow: 275,
          heartRate: 86,
          respiratoryRate: 18,
          oxygen: 98,
          weight: 28.6,
          height: 133,
        },
        soap: {
          s: 'Sin tos nocturna, juega al fútbol sin inhalador. Ninguna exposición a cacahuete.',
          o: 'Auscultación limpia, saturación 98 %, flujo máximo 275. Percentil 50 de peso y talla.',
          a: 'Asma controlada. Alergia al cacahuete estable.',
          p: 'Mantener dosis hasta la primavera. Autoinyector renovado: uno en casa, uno en el colegio, demostración repetida.',
        },
      });
    for (const [index, peakFlow] of [
      205, 214, 228, 240, 251, 262, 268, 274, 272, 280, 284, 281,
    ].entries())
      chart.reading(`peak-${index + 1}`, 252 - index * 14, { peakFlow });
    chart
      .medicine(
        'fluticasone',
        rxnorm(
          '895994',
          '120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler',
          'Fluticasona 44 µg inhalador',
        ),
        {
          since: 256,
          sig: 'Dos inhalaciones dos veces al día con cámara, enjuagar la boca',
          times: [2, 1],
          route: 'inhaled',
          for: 'asthma',
        },
      )
      .medicine(
        'albuterol',
        rxnorm(
          '745679',
          '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler',
          'Salbutamol 90 µg inhalador',
        ),
        {
          since: 1560,
          sig: 'Dos inhalaciones si hay tos o pitos, antes del deporte',
          asNeeded: true,
          route: 'inhaled',
          for: 'asthma',
        },
      )
      .medicine(
        'epinephrine',
        rxnorm(
          '1870230',
          '0.3 ML epinephrine 1 MG/ML Auto-Injector',
          'Adrenalina 0,3 mg autoinyector',
        ),
        {
          since: 158,
          sig: 'Una dosis en el muslo si hay reacción grave; llamar al 112',
          asNeeded: true,
          route: 'injected',
          for: 'peanut',
        },
      )
      .shot('20', 'DTaP', 1190, 5)
      .shot('03', 'MMR', 1830, 2)
      .shot('21', 'varicella', 1830, 2)
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 36);
  },
};
