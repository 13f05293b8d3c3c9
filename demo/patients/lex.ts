/** A young adult recovering from a depressive episode. */
import { diagnosis, rxnorm, snomed } from '../codes.ts';
import type { Story } from './story.ts';

const followUp = snomed('390906007', 'Follow-up encounter');
const symptom = snomed('185345009', 'Encounter for symptom', 'Visit for a symptom');

export const lex: Story = {
  person: {
    key: 'lex',
    mrn: 'HL-247733',
    given: ['Alexandria'],
    family: 'Thornbury',
    usual: { given: ['Lex'], family: 'Thornbury' },
    gender: 'other',
    age: { years: 22, days: 201 },
    phone: '+1 212 555 0163',
    address: {
      line: ['1708 Copperfield Walk', 'Unit 9'],
      city: 'Queens',
      state: 'NY',
      postalCode: '11106',
      country: 'US',
    },
    language: 'en-US',
    marital: 'S',
    contact: {
      relation: 'FTH',
      display: 'father',
      given: ['Edmund'],
      family: 'Thornbury',
      phone: '+1 212 555 0164',
    },
    doctor: 'castellanos',
  },
  write(chart) {
    chart
      .team()
      .problem(
        'depression',
        diagnosis(
          '370143000',
          'Major depressive disorder',
          'F32.1',
          'Major depressive disorder, single episode',
        ),
        236,
        { severity: 'moderate' },
      )
      .problem('anxiety', diagnosis('21897009', 'Generalized anxiety disorder', 'F41.1'), 236, {
        severity: 'mild',
      })
      .smoking('never', 236)
      .visit('mood-1', {
        daysAgo: 236,
        time: '14:00',
        mode: 'video',
        type: symptom,
        reason: 'Low mood for three months',
        minutes: 42,
        about: ['depression', 'anxiety'],
        soap: {
          s: 'Low mood, early waking, poor concentration and loss of interest since leaving college. Worries through most of the day. No thoughts of suicide, no plan, no past attempts. No mania. Alcohol two drinks a week.',
          o: 'Tearful at times, coherent, good eye contact, no psychotic features. PHQ-9 17, GAD-7 12.',
          a: 'Major depressive episode, moderate, with anxiety. Low immediate risk; lives with family.',
          p: 'Sertraline 25 mg for a week, then 50 mg. Weekly cognitive behavioural therapy by video. Safety plan agreed and sent. Review in two weeks.',
        },
      })
      .visit('mood-2', {
        daysAgo: 194,
        time: '14:30',
        mode: 'video',
        type: followUp,
        reason: 'Review after starting sertraline',
        minutes: 25,
        about: ['depression', 'anxiety'],
        soap: {
          s: 'Sleep better, some nausea in the first week, gone now. Therapy helps. Applying for work.',
          o: 'Brighter, spontaneous. PHQ-9 11, GAD-7 9.',
          a: 'Partial response at six weeks.',
          p: 'Continue sertraline 50 mg and therapy. Review in two months.',
        },
      })
      .visit('mood-3', {
        daysAgo: 68,
        time: '16:00',
        mode: 'video',
        type: followUp,
        reason: 'Mood review',
        minutes: 20,
        about: ['depression', 'anxiety'],
        soap: {
          s: 'Works part time, sees friends, sleeps seven hours. No side effects.',
          o: 'Relaxed, full range of affect. PHQ-9 5, GAD-7 4.',
          a: 'Response close to remission.',
          p: 'Continue sertraline for at least six more months to prevent relapse. Therapy monthly.',
        },
      });
    for (const [daysAgo, phq9, gad7] of [
      [236, 17, 12],
      [215, 14, 11],
      [194, 11, 9],
      [150, 9, 7],
      [109, 7, 6],
      [68, 5, 4],
    ] as const)
      chart.score('phq9', daysAgo, phq9).score('gad7', daysAgo, gad7);
    chart
      .labs('thyroid', 231, { tsh: 1.84 })
      .labs('blood', 231, { hemoglobin: 13.4, leukocytes: 5.9, platelets: 254 })
      .procedure(
        'screening',
        snomed('171207006', 'Depression screening'),
        236,
        'PHQ-9 17 of 27.',
        'depression',
      )
      .medicine(
        'sertraline',
        rxnorm('312941', 'sertraline 50 MG Oral Tablet', 'Sertraline 50 mg tablet'),
        {
          since: 236,
          sig: 'One tablet in the morning',
          dose: [50, 'mg'],
          times: [1, 1],
          for: 'depression',
        },
      )
      .shot('140', 'Influenza, seasonal, injectable, preservative free', 51)
      .shot('115', 'Tdap', 2410);
  },
};
