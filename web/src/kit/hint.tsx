/** What a button without words does, said beside it where there is a pointer that hovers; a finger would leave it standing in the way. */
import { Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactElement } from 'react';

export function Hint({ label, children }: { label: string; children: ReactElement }) {
  const hovers = useMediaQuery('(hover: hover)', true, { getInitialValueInEffect: false });
  return (
    <Tooltip label={label} withArrow disabled={!hovers}>
      {children}
    </Tooltip>
  );
}
