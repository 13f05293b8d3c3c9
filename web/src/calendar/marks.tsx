/** How a visit is told apart at a glance: a drawing for how they meet, a drawing and a word for how it stands. */
import {
  IconBuildingHospital,
  IconCheck,
  IconCircleDashed,
  IconCircleX,
  IconDoorEnter,
  IconMessage,
  IconPhone,
  IconPlayerPlay,
  IconUserOff,
  IconVideo,
  type TablerIcon,
} from '@tabler/icons-react';
import type { VisitMode, VisitState } from '@afar/visits/contract';

export const modeIcons: Record<VisitMode, TablerIcon> = {
  video: IconVideo,
  audio: IconPhone,
  chat: IconMessage,
  'in-person': IconBuildingHospital,
};

/** A booked visit is the usual one: it bears no mark. */
export const stateIcons: Partial<Record<VisitState, TablerIcon>> = {
  requested: IconCircleDashed,
  waiting: IconDoorEnter,
  admitted: IconPlayerPlay,
  'in-progress': IconPlayerPlay,
  ended: IconCheck,
  cancelled: IconCircleX,
  'no-show': IconUserOff,
};
