/** What to do about a device that could not be had: steps in the words of this browser, a picture, and the ways on. */
import { Button, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MediaFault } from '../../call/local-media.ts';
import { browserOf, systemOf } from './browser.ts';
import classes from './check.module.css';
import { HelpPicture } from './help-picture.tsx';

interface Props {
  fault: MediaFault;
  retry: () => Promise<void>;
  /** Of a camera: the visit needs none. */
  onVoice?: () => void;
}

export function Remedy({ fault, retry, onVoice }: Props) {
  const { t } = useTranslation('check');
  const { t: common } = useTranslation();
  const agent = navigator.userAgent;
  const key =
    fault === 'denied'
      ? (`help.denied.${browserOf(agent)}` as const)
      : fault === 'system'
        ? (`help.system.${systemOf(agent)}` as const)
        : (`help.${fault}` as const);
  const steps = t(key, { returnObjects: true }) as unknown as string[];
  // No try would help without another address or another browser.
  const hopeless = fault === 'insecure' || fault === 'unsupported';
  return (
    <div className={classes.remedy} data-testid="remedy" data-fault={fault}>
      <HelpPicture fault={fault} />
      <ol className={classes.remedySteps}>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Group gap="xs">
        {!hopeless && (
          <Button size="sm" variant="default" onClick={() => void retry()} data-testid="try-again">
            {common('retry')}
          </Button>
        )}
        {onVoice && (
          <Button size="sm" variant="light" onClick={onVoice} data-testid="by-voice">
            {t('byVoice')}
          </Button>
        )}
      </Group>
    </div>
  );
}
