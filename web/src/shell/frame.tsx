/** The frame of a page: header, and for who is signed in the surface's own navigation and the account's menu. */
import { UnstyledButton, Menu, Avatar, Badge } from '@mantine/core';
import {
  IconApps,
  IconAmbulance,
  IconBellRinging,
  IconBuildingHospital,
  IconCalendar,
  IconCalendarPlus,
  IconCertificate,
  IconChevronDown,
  IconClipboardHeart,
  IconHeartbeat,
  IconFingerprint,
  IconHome,
  IconLock,
  IconLogout,
  IconMessages,
  IconPill,
  IconReportMedical,
  IconShieldLock,
  IconStethoscope,
  IconUrgent,
  IconUsers,
  IconUserCheck,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link, type LinkProps, useNavigate, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me, SignInRole } from '@afar/access/contract';
import { Wordmark } from '../kit/logo.tsx';
import { NewMessages } from '../messages/new-messages.tsx';
import { Bell } from '../notices/bell.tsx';
import { PresenceWord } from '../on-demand/presence-word.tsx';
import { SubjectSwitch } from '../patient/subject-switch.tsx';
import { plainName } from '../kit/plain-name.ts';
import classes from './frame.module.css';
import { Masthead } from './masthead.tsx';
import { LanguageItems, SchemeItems } from './preferences.tsx';
import { clinicPages, peoplePages } from './office-pages.ts';
import { homeOf, useSession } from './session.ts';

interface NavItem {
  to: LinkProps['to'];
  label:
    | 'home'
    | 'book'
    | 'record'
    | 'today'
    | 'patients'
    | 'reading'
    | 'prescriptions'
    | 'users'
    | 'audit'
    | 'alerts'
    | 'emergencies'
    | 'emergency'
    | 'sharing'
    | 'licence'
    | 'licences'
    | 'clients'
    | 'lockdown'
    | 'desk'
    | 'calendar'
    | 'messages'
    | 'results'
    | 'tasks'
    | 'clinic';
  icon: TablerIcon;
  exact?: boolean;
  /** Pages elsewhere in the address that belong to it. */
  also?: string[];
}

const messagesItem = (to: '/patient/messages' | '/clinician/messages'): NavItem => ({
  to,
  label: 'messages',
  icon: IconMessages,
});
const calendarItem: NavItem = { to: '/calendar', label: 'calendar', icon: IconCalendar };

/** What waits beside the visits; whoever answers for no results begins at her tasks. */
const resultsItem = (to: '/clinician/results' | '/clinician/tasks'): NavItem => ({
  to,
  label: to === '/clinician/tasks' ? 'tasks' : 'results',
  icon: IconClipboardHeart,
  also: ['/clinician/results', '/clinician/tasks', '/clinician/templates'],
});

const clinicianNav: NavItem[] = [
  { to: '/clinician', label: 'today', icon: IconStethoscope, exact: true },
  calendarItem,
  { to: '/clinician/patients', label: 'patients', icon: IconUsers },
  resultsItem('/clinician/tasks'),
  messagesItem('/clinician/messages'),
];

/** Who sees a part of charts has a list of it, and no list of patients. */
const listNav = (label: NavItem['label'], icon: TablerIcon): NavItem[] => [
  { to: '/clinician', label, icon, exact: true },
  { to: '/clinician/licence', label: 'licence', icon: IconCertificate },
];

const navigation: Record<SignInRole, NavItem[]> = {
  patient: [
    {
      to: '/patient',
      label: 'home',
      icon: IconHome,
      exact: true,
      also: ['/patient/now', '/patient/results', '/patient/family', '/patient/family/visits'],
    },
    { to: '/patient/book', label: 'book', icon: IconCalendarPlus, also: ['/patient/waitlist'] },
    messagesItem('/patient/messages'),
    { to: '/patient/record', label: 'record', icon: IconHeartbeat },
    { to: '/patient/sharing', label: 'sharing', icon: IconLock },
  ],
  practitioner: clinicianNav.map((one) =>
    one.label === 'tasks' ? resultsItem('/clinician/results') : one,
  ),
  trainee: clinicianNav,
  nurse: [...clinicianNav, { to: '/front-desk', label: 'desk', icon: IconUserCheck }],
  resident: listNav('reading', IconReportMedical),
  pharmacist: listNav('prescriptions', IconPill),
  paramedic: [{ to: '/emergency', label: 'emergency', icon: IconAmbulance }],
  administrator: [
    {
      to: '/office',
      label: 'users',
      icon: IconUsers,
      exact: true,
      also: peoplePages,
    },
    { to: '/office/on-demand', label: 'clinic', icon: IconBuildingHospital, also: clinicPages },
    calendarItem,
    { to: '/front-desk', label: 'desk', icon: IconUserCheck },
    { to: '/office/clients', label: 'clients', icon: IconApps },
    { to: '/office/lockdown', label: 'lockdown', icon: IconShieldLock },
  ],
  auditor: [
    { to: '/auditor', label: 'audit', icon: IconFingerprint, exact: true },
    { to: '/auditor/alerts', label: 'alerts', icon: IconBellRinging },
    { to: '/auditor/emergencies', label: 'emergencies', icon: IconUrgent },
  ],
};

/** Whose bar is full: her licence is looked at twice a year, from the menu of her account. */
const ownLicence: ReadonlySet<SignInRole> = new Set(['practitioner', 'trainee', 'nurse']);

/** Pages with a picture and a head of their own, for who is not signed in. */
const ownHead = ['/sign-in', '/register'];

/**
 * Around every page, whoever looks at it. It stays the same element when it is learned who she is: the page inside is not begun anew, and
 * what she has pressed or written there by then is not forgotten.
 */
export function Frame({ me, children }: { me: Me | null | undefined; children: ReactNode }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const places = me ? navigation[me.role].length : 0;
  const bare = !me && ownHead.includes(path);
  return (
    <div
      className={bare ? classes.bare : classes.frame}
      data-bottom-nav={places > 5 ? 'many' : places > 1 || undefined}
    >
      {me ? <Head me={me} path={path} /> : !bare && <Masthead />}
      {children}
    </div>
  );
}

function Head({ me, path }: { me: Me; path: string }) {
  const { t } = useTranslation('shell');
  const items = navigation[me.role];
  return (
    <>
      {me.role === 'practitioner' && <PresenceWord />}
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to={homeOf(me.role)} className={classes.brand} aria-label="Afar">
            <Wordmark />
          </Link>
          {me.demo && (
            <Badge className={classes.demo} color="ember" title={t('demoNote')}>
              {t('demo')}
            </Badge>
          )}
          <nav className={classes.nav} aria-label={t('mainNav')}>
            {items.map(({ to, label, icon: Icon, exact, also }) => (
              <Link
                key={label}
                to={to}
                className={classes.link}
                activeOptions={{ exact: exact ?? false }}
                activeProps={{ 'data-active': true }}
                {...(also?.includes(path) && { 'data-active': true })}
              >
                <Icon size={20} stroke={1.8} aria-hidden="true" />
                <span>{t(`nav.${label}`)}</span>
                {label === 'messages' && <NewMessages />}
              </Link>
            ))}
          </nav>
          <div className={classes.tools}>
            {me.role === 'patient' && <SubjectSwitch />}
            <Bell />
            <AccountMenu me={me} />
          </div>
        </div>
      </header>
    </>
  );
}

function AccountMenu({ me }: { me: Me }) {
  const { t } = useTranslation(['shell', 'family']);
  const { signOut } = useSession();
  const navigate = useNavigate();
  return (
    <Menu
      position="bottom-end"
      width={272}
      radius="lg"
      shadow="lg"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <span className="afar-hidden">
            {t('account')}: {me.name}
          </span>
          <Avatar
            name={plainName(me.name)}
            color="lagoon"
            variant="light"
            radius={999}
            size={38}
            aria-hidden="true"
          />
          <span className={classes.who} aria-hidden="true">
            <span className={classes.whoName}>{me.name}</span>
            <span className={classes.whoRole}>{t(`role.${me.role}`)}</span>
          </span>
          <IconChevronDown size={16} aria-hidden="true" className={classes.chevron} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.email}</Menu.Label>
        <Menu.Item
          leftSection={<IconShieldLock size={18} aria-hidden="true" />}
          onClick={() => void navigate({ to: '/account' })}
        >
          {t('accountMenu')}
        </Menu.Item>
        {me.role === 'patient' && (
          <Menu.Item
            leftSection={<IconUsersGroup size={18} aria-hidden="true" />}
            onClick={() => void navigate({ to: '/patient/family' })}
          >
            {t('family:title')}
          </Menu.Item>
        )}
        {ownLicence.has(me.role) && (
          <Menu.Item
            leftSection={<IconCertificate size={18} aria-hidden="true" />}
            onClick={() => void navigate({ to: '/clinician/licence' })}
          >
            {t('nav.licence')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <LanguageItems />
        <Menu.Divider />
        <SchemeItems />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={18} aria-hidden="true" />}
          onClick={() => void signOut().then(() => navigate({ to: '/sign-in' }))}
        >
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
