/** What else stays of a visit: what was written and recorded in it, to be read and played by the patient. */
import { useTranslation } from 'react-i18next';
import { ChatRecord } from '../call/panels/chat/chat-record.tsx';
import { RecordingList } from '../call/panels/recording/recording-list.tsx';

export function AfterVisit({ visitId }: { visitId: string }) {
  const { t } = useTranslation('group');
  return (
    <>
      <ChatRecord visitId={visitId} otherName={t('role.patient')} />
      <RecordingList visitId={visitId} owns={false} />
    </>
  );
}
