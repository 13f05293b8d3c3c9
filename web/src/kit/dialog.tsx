/** A dialog of the house: its way out has a name, its title looks like one, and it is no second banner of the page. */
import { Modal, type ModalProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './dialog.module.css';

export function Dialog(props: ModalProps) {
  const { t } = useTranslation();
  return (
    <Modal
      closeButtonProps={{ 'aria-label': t('close'), size: 'lg' }}
      classNames={{ title: classes.title!, header: classes.header!, body: classes.body! }}
      // The library writes a <header>; inside a dialog a screen reader would count it as the page's own.
      attributes={{ header: { role: 'none' } }}
      // What opened it may be gone with what was done in it: then the page itself takes the focus, not nothing.
      onExitTransitionEnd={() => {
        if (document.activeElement === document.body) document.querySelector('main')?.focus();
      }}
      {...props}
    />
  );
}
