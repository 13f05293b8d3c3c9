/** What visits are made of beside booking and the room itself: each part brings its routes and what it does in the background. */
import type { FastifyInstance } from 'fastify';
import { chatPart } from './chat/part.ts';
import type { Endpoints } from './endpoint.ts';
import type { House } from './house.ts';
import { invitesPart } from './invites/routes.ts';
import { onDemandPart } from './on-demand/part.ts';
import { ordersPart } from './orders/part.ts';
import { phonePart } from './phone/part.ts';
import { recordingPart } from './recording/part.ts';
import { qualityPart } from './quality/part.ts';
import { presencePart } from './presence/part.ts';
import { calendarPart } from './calendar/part.ts';
import { fhirSchedulingPart } from './scheduling/fhir-operations.ts';
import { officePart } from './scheduling/office-part.ts';
import { schedulingPart } from './scheduling/part.ts';
import { remindersPart } from './reminders/part.ts';
import { resultsPart } from './results/part.ts';
import { stillsPart } from './stills/part.ts';
import { summaryPart } from './summary/part.ts';
import { surveysPart } from './surveys/part.ts';
import { tasksPart } from './tasks/part.ts';
import { templatesPart } from './templates/part.ts';
import { waitlistPart } from './waitlist/part.ts';

export interface Part {
  /** Adds its endpoints; `app` for what is no plain endpoint (a file, a feed). */
  routes?(on: Endpoints, app: FastifyInstance): void | Promise<void>;
  /** Registers jobs and follows events. Nothing runs before. */
  start?(): void | Promise<void>;
  /** Ends what `start` began, after what is under way. */
  stop?(): void | Promise<void>;
}

/** Every part, in the order they start. */
export function partsOf(house: House): Part[] {
  return [
    schedulingPart(house),
    officePart(house),
    waitlistPart(house),
    calendarPart(house),
    fhirSchedulingPart(house),
    invitesPart(house),
    chatPart(house),
    recordingPart(house),
    stillsPart(house),
    phonePart(house),
    presencePart(house),
    onDemandPart(house),
    ordersPart(house),
    resultsPart(house),
    tasksPart(house),
    templatesPart(house),
    summaryPart(house),
    remindersPart(house),
    surveysPart(house),
    qualityPart(house),
  ];
}
