/** Which side of a thread this reader is on, and where its pages are. */
import { useMe } from '../shell/session.ts';

export interface SideOf {
  staff: boolean;
  inbox: '/patient/messages' | '/clinician/messages';
  thread: '/patient/messages/$threadId' | '/clinician/messages/$threadId';
}

export function useSide(): SideOf {
  return useMe().role === 'patient'
    ? { staff: false, inbox: '/patient/messages', thread: '/patient/messages/$threadId' }
    : { staff: true, inbox: '/clinician/messages', thread: '/clinician/messages/$threadId' };
}
