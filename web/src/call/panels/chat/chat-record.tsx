/** What was written during a visit, read afterwards on its page; nothing where nothing was. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Chat, ChatMessage } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { Trouble } from '../../../kit/trouble.tsx';
import { ChatLine } from './chat-line.tsx';
import classes from './chat.module.css';

async function everything(base: string, signal: AbortSignal): Promise<ChatMessage[]> {
  const all: ChatMessage[] = [];
  let more = true;
  while (more) {
    const page = await api.get<Chat>(`${base}/chat?after=${all.at(-1)?.n ?? 0}`, { signal });
    all.push(...page.messages);
    more = page.more && page.messages.length > 0;
  }
  return all;
}

/** @param otherName what the patient is called by whoever reads */
export function ChatRecord({ visitId, otherName }: { visitId: string; otherName: string }) {
  const { t } = useTranslation('panels');
  const base = `/api/visits/${visitId}`;
  const chat = useQuery({
    queryKey: ['visit-chat', visitId],
    queryFn: ({ signal }) => everything(base, signal),
  });
  if (chat.isError) return <Trouble error={chat.error} retry={() => void chat.refetch()} />;
  if (!chat.data || chat.data.length === 0) return null;
  return (
    <section className={classes.record} data-testid="chat-record">
      <h2>{t('chat.record')}</h2>
      <ol className={classes.list}>
        {chat.data.map((message) => (
          <ChatLine key={message.id} message={message} base={base} otherName={otherName} />
        ))}
      </ol>
    </section>
  );
}
