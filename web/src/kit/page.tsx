/** The page: its title, its lead, its width; and what stands there while it loads. */
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './page.module.css';

interface PageProps {
  title: string;
  /** What the page is headed by where the tab must not say it: a person's name. */
  heading?: string | undefined;
  /** One calm sentence under the title. */
  lead?: ReactNode;
  /** What the page is headed by, at the far end of the title. */
  actions?: ReactNode;
  back?: { to: LinkProps['to']; params?: LinkProps['params']; label: string };
  width?: 'narrow' | 'normal' | 'wide';
  children: ReactNode;
}

/** Tab title: never a person's name or a reason, only the place in the app. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Afar`;
  }, [title]);
}

export function Page({
  title,
  heading,
  lead,
  actions,
  back,
  width = 'normal',
  children,
}: PageProps) {
  usePageTitle(title);
  return (
    <div className={classes.page} data-width={width}>
      {back && (
        <Link
          to={back.to}
          {...(back.params ? { params: back.params as never } : {})}
          className={classes.back}
        >
          <IconArrowLeft size={18} aria-hidden="true" className={classes.arrow} />
          {back.label}
        </Link>
      )}
      <div className={classes.head}>
        <div>
          <h1 className={classes.title}>{heading ?? title}</h1>
          {lead && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

/** A page on its way: the shape of what will come, said aloud once. */
export function PagePending() {
  const { t } = useTranslation();
  return (
    <div className={classes.page} data-width="normal">
      <VisuallyHidden role="status">{t('loading')}</VisuallyHidden>
      <Stack gap="lg" aria-hidden="true">
        <Skeleton h={36} w="min(18rem, 70%)" />
        <Skeleton h={20} w="min(26rem, 90%)" />
        <Skeleton h={200} radius="lg" mt="md" />
        <Skeleton h={120} radius="lg" />
      </Stack>
    </div>
  );
}

/** A part of a page with a heading of its own. */
export function Section({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2 className={classes.sectionTitle}>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** A list's or card's place while it loads. */
export function Pending({ rows = 3, height = 72 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status">
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
      <Stack gap="sm" aria-hidden="true">
        {Array.from({ length: rows }, (_, row) => (
          <Skeleton key={row} h={height} radius="lg" />
        ))}
      </Stack>
    </div>
  );
}
