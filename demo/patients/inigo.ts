/** A man of 46 with newly found high blood pressure and sleep apnoea. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import { madrid } from '../clinic.ts';
import type { Story } from './story.ts';

const followUp = snomed('390906007', 'Follow-up encounter');
const checkUp = snomed('185349003', 'Encounter for check up', 'Check-up');

export const inigo: Story = {
  person: {
    key: 'inigo',
    mrn: 'HL-301558',
    given: ['Íñigo'],
    family: 'Etxeberría Salaberria',
    gender: 'male',
    age: { years: 46, days: 18 },
    phone: '+34 910 555 031',
    email: 'inigo.etxeberria@example.org',
    address: {
      line: ['Calle de la Cigüeña Blanca 14, 3.º B'],
      city: 'Madrid',
      postalCode: '28012',
      country: 'ES',
    },
    language: 'es',
    marital: 'D',
    contact: {
      relation: 'SIS',
      display: 'sister',
      given: ['Nekane'],
      family: 'Etxeberría Salaberria',
      phone: '+34 910 555 032',
    },
    doctor: 'iturbide',
  },
  zone: madrid,
  write(chart) {
    chart
      .team()
      .problem('hypertension', diagnosis('59621000', 'Essential hypertension', 'I10'), 171)
      .problem('obesity', diagnosis('414916001', 'Obesity', 'E66.9'), 1240)
      .problem('apnea', diagnosis('78275009', 'Obstructive sleep apnea syndrome', 'G47.33'), 126, {
        severity: 'moderate',
      })
      .problem('prediabetes', diagnosis('15777000', 'Prediabetes', 'R73.03'), 168)
      .allergy(
        'ace',
        snomed(
          '293500009',
          'Angiotensin-converting-enzyme inhibitor allergy',
          'ACE inhibitor: cough',
        ),
        {
          category: 'medication',
          criticality: 'low',
          since: 122,
          reaction: [snomed('49727002', 'Cough'), 'mild'],
          type: 'intolerance',
        },
      )
      .smoking('former', 171)
      .visit('pressure-1', {
        daysAgo: 171,
        time: '10:00',
        mode: 'in-person',
        type: checkUp,
        reason: 'High blood pressure found at work',
        minutes: 25,
        about: ['hypertension', 'obesity'],
        pressure: [164, 101],
        vitals: { heartRate: 84, weight: 104.6, height: 178, oxygen: 97, temperature: 36.5 },
        soap: {
          s: 'Se encontró la tensión alta en el reconocimiento de la empresa. Ronquidos fuertes y sueño de día según su hermana. Dejó de fumar hace seis años. Sin dolor torácico ni disnea.',
          o: 'TA 164/101 (media de tres tomas), FC 84, peso 104,6 kg, IMC 33. Auscultación normal, sin edemas. ECG: ritmo sinusal, sin hipertrofia.',
          a: 'Hipertensión arterial grado 2 de nuevo diagnóstico. Obesidad. Sospecha de apnea del sueño.',
          p: 'Lisinopril 10 mg al día. Analítica y orina. Poligrafía respiratoria en casa. Tensiómetro validado, lecturas cada tres días. Menos sal, caminar a diario.',
        },
      })
      .visit('pressure-2', {
        daysAgo: 122,
        time: '16:30',
        mode: 'video',
        type: followUp,
        reason: 'Tos seca y revisión de la tensión',
        minutes: 18,
        about: ['hypertension', 'apnea'],
        pressure: [149, 93],
        vitals: { heartRate: 80, weight: 102.9 },
        soap: {
          s: 'Tos seca desde la tercera semana de lisinopril, peor de noche. Poligrafía: índice de apneas 22 por hora.',
          o: 'Habla frases completas, sin tos productiva. Lecturas en casa entre 145 y 153.',
          a: 'Tos por IECA. Apnea obstructiva del sueño moderada.',
          p: 'Suspender lisinopril, iniciar losartán 50 mg. CPAP. Registrar intolerancia. Revisión por vídeo en seis semanas.',
        },
      })
      .visit('pressure-3', {
        daysAgo: 59,
        time: '17:20',
        mode: 'video',
        type: followUp,
        reason: 'Revisión de la tensión',
        minutes: 15,
        about: ['hypertension', 'apnea'],
        pressure: [136, 86],
        vitals: { heartRate: 74, weight: 99.8 },
        soap: {
          s: 'Sin tos. Duerme con CPAP cinco horas por noche, mucho menos sueño de día. Camina cuarenta minutos.',
          o: 'Lecturas en casa 132 a 138 sobre 84 a 88. Peso 99,8 kg.',
          a: 'Hipertensión en descenso, aún por encima del objetivo.',
          p: 'Losartán 100 mg. Seguir CPAP y ejercicio. Analítica con potasio en cuatro semanas.',
        },
      })
      .home({
        from: 168,
        every: 3,
        count: 54,
        pressure: [
          [160, 99],
          [128, 80],
        ],
        heartRate: 76,
      })
      .labs('metabolic', 168, {
        glucose: 112,
        creatinine: 0.98,
        egfr: 94,
        sodium: 141,
        potassium: 4.1,
        urea: 14,
      })
      .labs('metabolic', 30, {
        glucose: 102,
        creatinine: 1.01,
        egfr: 90,
        sodium: 140,
        potassium: 4.6,
        urea: 15,
      })
      .labs('a1c', 168, { a1c: 6.1 })
      .labs('a1c', 30, { a1c: 5.8 })
      .labs('lipids', 168, { cholesterol: 221, ldl: 139, hdl: 38, triglycerides: 220 })
      .labs('lipids', 30, { cholesterol: 198, ldl: 121, hdl: 42, triglycerides: 174 })
      .procedure(
        'ecg',
        snomed('29303009', 'Electrocardiographic procedure', 'Electrocardiogram'),
        171,
        'Sinus rhythm 82, no hypertrophy.',
        'hypertension',
      )
      .procedure(
        'polygraphy',
        snomed('446573003', 'Continuous positive airway pressure titration', 'CPAP titration'),
        118,
        'Apnoea index 22 per hour before, 3 on CPAP at 9 cm H2O.',
        'apnea',
      )
      .medicine(
        'lisinopril',
        rxnorm('314076', 'lisinopril 10 MG Oral Tablet', 'Lisinopril 10 mg comprimido'),
        {
          since: 171,
          until: 122,
          stopped: 'Dry cough',
          sig: 'Un comprimido por la mañana',
          dose: [10, 'mg'],
          times: [1, 1],
          for: 'hypertension',
        },
      )
      .medicine(
        'losartan-50',
        rxnorm('979492', 'losartan potassium 50 MG Oral Tablet', 'Losartán 50 mg comprimido'),
        {
          since: 122,
          until: 59,
          sig: 'Un comprimido por la mañana',
          dose: [50, 'mg'],
          times: [1, 1],
          for: 'hypertension',
        },
      )
      .medicine(
        'losartan-100',
        rxnorm('979480', 'losartan potassium 100 MG Oral Tablet', 'Losartán 100 mg comprimido'),
        {
          since: 59,
          sig: 'Un comprimido por la mañana',
          dose: [100, 'mg'],
          times: [1, 1],
          for: 'hypertension',
        },
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 37);
  },
};
