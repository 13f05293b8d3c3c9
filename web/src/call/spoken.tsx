/** What the pictures show to whoever sees, said to whoever listens: camera and microphone of the other end, and a weak link [WCAG 4.1.3]. */
import { useTranslation } from 'react-i18next';
import type { CallState } from './call-session.ts';

export function Spoken({ state, name }: { state: CallState; name: string }) {
  const { t } = useTranslation('call');
  const { link, verdict } = state;
  const said: string[] = [];
  if (link.phase === 'live') {
    if (link.remoteMedia?.camera === false) said.push(t('cameraOffOf', { name }));
    if (link.remoteMedia?.microphone === false) said.push(t('mutedOf', { name }));
    // An unsteady line comes and goes: only a poor one is worth breaking in on what is being said.
    if (verdict.level === 'poor')
      said.push([t('line.poor'), ...(verdict.weak ? [t(`weak.${verdict.weak}`)] : [])].join(': '));
  }
  return (
    <div role="status" className="afar-hidden" data-testid="call-spoken">
      {said.map((one) => (
        <p key={one}>{one}</p>
      ))}
    </div>
  );
}
