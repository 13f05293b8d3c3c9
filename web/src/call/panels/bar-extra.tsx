/** What the panels add to the bar of the call: the chat with its unread mark, and one button for everything else. */
import { Menu, UnstyledButton } from '@mantine/core';
import {
  IconBadgeCc,
  IconCamera,
  IconDots,
  IconMessageCircle,
  IconPencil,
  IconPhoneCall,
  IconPictureInPicture,
  IconPlayerRecord,
  IconScreenShare,
  IconUserPlus,
  type TablerIcon,
} from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Hint } from '../../kit/hint.tsx';
import bar from '../call.module.css';
import type { CallSession, CallState } from '../call-session.ts';
import { canShareScreen } from '../local-media.ts';
import type { PopOut } from '../pop-out.tsx';
import classes from './panels.module.css';
import type { PanelName, Panels } from './use-panels.ts';

interface Props {
  panels: Panels;
  session: CallSession;
  state: CallState;
  /** No room for the rarer buttons on the bar itself: they are in here. */
  compact: boolean;
  popOut?: PopOut;
  /** A board needs the whole page. */
  grow?: () => void;
}

export function ChatButton({ panels }: { panels: Panels }) {
  const { t } = useTranslation('panels');
  const { unread } = useSyncExternalStore(panels.chat.subscribe, () => panels.chat.state);
  const opened = panels.open === 'chat';
  const label = unread > 0 ? t('chat.unread', { count: unread }) : t('chat.title');
  return (
    <Hint label={label}>
      <UnstyledButton
        className={`${bar.control} ${classes.withBadge}`}
        data-off={opened || undefined}
        data-opens="chat"
        data-testid="open-chat"
        aria-label={label}
        aria-expanded={opened}
        onClick={() => (opened ? panels.hide() : panels.show('chat'))}
      >
        <IconMessageCircle size={24} stroke={1.8} aria-hidden="true" />
        {unread > 0 && (
          <span className={classes.badge} aria-hidden="true" data-testid="chat-unread">
            {unread}
          </span>
        )}
        <span role="status" className="afar-hidden">
          {unread > 0 && t('chat.unread', { count: unread })}
        </span>
      </UnstyledButton>
    </Hint>
  );
}

export function MoreButton({ panels, session, state, compact, popOut, grow }: Props) {
  const { t } = useTranslation(['panels', 'call']);
  const { role } = panels;
  const board = useSyncExternalStore(panels.board.subscribe, () => panels.board.state);
  const silent = state.link.own?.hidden === true;
  const item = (label: string, Icon: TablerIcon, testid: string, act: () => void) => (
    <Menu.Item
      leftSection={<Icon size={20} stroke={1.8} aria-hidden="true" />}
      onClick={act}
      data-testid={testid}
    >
      {label}
    </Menu.Item>
  );
  const panel = (name: PanelName, label: string, Icon: TablerIcon) =>
    item(label, Icon, `more-${name}`, () => panels.show(name));
  return (
    <Menu
      position="top-end"
      width={290}
      radius="lg"
      shadow="lg"
      zIndex={400}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <UnstyledButton
          className={bar.control}
          aria-label={t('more')}
          data-opens="more"
          data-testid="call-more"
        >
          <IconDots size={24} stroke={1.8} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className={bar.menu}>
        {compact &&
          !silent &&
          canShareScreen() &&
          item(
            t(state.screen ? 'call:unshare' : 'call:share'),
            IconScreenShare,
            'more-screen',
            () => void session.setScreen(state.screen === null),
          )}
        {compact &&
          popOut &&
          item(
            t(popOut.small ? 'call:popIn' : 'call:popOut'),
            IconPictureInPicture,
            'more-pop',
            () => void popOut.toggle(),
          )}
        {!silent &&
          !board.open &&
          item(t('board.open'), IconPencil, 'more-board', () => {
            // Both have no room on a phone.
            if (compact && panels.open) panels.hide();
            panels.board.begin();
            grow?.();
          })}
        {panel('captions', t('captions.title'), IconBadgeCc)}
        {role !== 'guest' &&
          panel(
            'people',
            t(role === 'clinician' ? 'people.invite' : 'people.inviteRelative'),
            IconUserPlus,
          )}
        {role === 'clinician' && panel('stills', t('stills.title'), IconCamera)}
        {role === 'clinician' && panel('recording', t('recording.title'), IconPlayerRecord)}
        {role === 'clinician' && panel('phone', t('phone.title'), IconPhoneCall)}
      </Menu.Dropdown>
    </Menu>
  );
}
