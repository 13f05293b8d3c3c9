/** Afar's own look: palette, type scale, spacing, radii and the defaults of every component. */
import {
  Badge,
  Button,
  Card,
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  Modal,
  NavLink,
  Paper,
  Skeleton,
  Switch,
  TextInput,
} from '@mantine/core';

/** Lagoon: the colour of everything one can do. Steps 7 (light) and 6 (dark) carry white text at AA. */
const lagoon: MantineColorsTuple = [
  '#ebf6f5',
  '#d6ebea',
  '#aed6d5',
  '#82bfbf',
  '#56a5a7',
  '#32898d',
  '#1c7076',
  '#125a61',
  '#0c464c',
  '#073236',
];

/** Ember: the sun on the horizon. Only for what is live or about to happen. */
const ember: MantineColorsTuple = [
  '#fff1ea',
  '#ffe0d1',
  '#ffc0a3',
  '#ff9d73',
  '#fb7f4d',
  '#ee6630',
  '#cf4c19',
  '#a83a10',
  '#7f2c0d',
  '#591f0a',
];

/** Stone: a grey with a breath of green, so that surfaces belong to the lagoon. */
const stone: MantineColorsTuple = [
  '#f7faf9',
  '#edf2f1',
  '#dfe7e6',
  '#c7d3d1',
  '#a3b3b1',
  '#768887',
  '#566867',
  '#3d4e4e',
  '#263636',
  '#132121',
];

const night: MantineColorsTuple = [
  '#e3eeec',
  '#b9c8c6',
  '#93a5a3',
  '#6b7f7d',
  '#41575a',
  '#2b3f42',
  '#1b2d30',
  '#122225',
  '#0a1517',
  '#050c0d',
];

const moss: MantineColorsTuple = [
  '#eef8ee',
  '#daeedb',
  '#b3dcb6',
  '#88c78d',
  '#60b068',
  '#41964a',
  '#2c7a36',
  '#21622a',
  '#194b20',
  '#113416',
];

const brick: MantineColorsTuple = [
  '#fdf0f0',
  '#fadcdc',
  '#f3b6b6',
  '#ea8b8b',
  '#df6464',
  '#cf4343',
  '#b52d2f',
  '#932123',
  '#70191b',
  '#4c1113',
];

export const theme = createTheme({
  colors: { lagoon, ember, stone, moss, brick, gray: stone, dark: night, red: brick, green: moss },
  primaryColor: 'lagoon',
  primaryShade: { light: 7, dark: 6 },
  black: '#132121',
  fontFamily:
    "'Figtree Variable', 'Noto Sans', 'Noto Sans Arabic', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', 'Cascadia Mono', Menlo, monospace",
  fontSizes: { xs: '0.8125rem', sm: '0.9375rem', md: '1rem', lg: '1.125rem', xl: '1.3125rem' },
  lineHeights: { xs: '1.45', sm: '1.5', md: '1.55', lg: '1.5', xl: '1.4' },
  headings: {
    fontWeight: '650',
    textWrap: 'balance',
    sizes: {
      h1: { fontSize: 'clamp(1.75rem, 1.35rem + 1.6vw, 2.5rem)', lineHeight: '1.12' },
      h2: { fontSize: 'clamp(1.3125rem, 1.2rem + 0.5vw, 1.5625rem)', lineHeight: '1.22' },
      h3: { fontSize: '1.125rem', lineHeight: '1.35' },
      h4: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2.25rem' },
  radius: { xs: '0.375rem', sm: '0.5rem', md: '0.75rem', lg: '1.125rem', xl: '1.75rem' },
  defaultRadius: 'md',
  shadows: {
    xs: '0 1px 2px rgb(7 50 54 / 6%)',
    sm: '0 1px 2px rgb(7 50 54 / 5%), 0 4px 14px rgb(7 50 54 / 5%)',
    md: '0 2px 4px rgb(7 50 54 / 5%), 0 12px 32px rgb(7 50 54 / 9%)',
    lg: '0 4px 8px rgb(7 50 54 / 6%), 0 24px 60px rgb(7 50 54 / 14%)',
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'md', fw: 600 } }),
    Card: Card.extend({ defaultProps: { radius: 'lg', padding: 'lg', withBorder: true } }),
    Paper: Paper.extend({ defaultProps: { radius: 'lg' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'md' } }),
    Badge: Badge.extend({
      defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 600, size: 'lg' },
    }),
    Modal: Modal.extend({
      defaultProps: { radius: 'lg', centered: true, overlayProps: { backgroundOpacity: 0.45 } },
    }),
    NavLink: NavLink.extend({ defaultProps: { variant: 'light' } }),
    Switch: Switch.extend({ defaultProps: { size: 'md', withThumbIndicator: false } }),
    Skeleton: Skeleton.extend({ defaultProps: { radius: 'md' } }),
  },
});

/** Quiet fills on dark surfaces: background, hovered, words on it. The library's own are nearly black. */
const quiet: Record<string, [string, string, string]> = {
  lagoon: ['#163c41', '#1b474d', '#bfe3e2'],
  ember: ['#43240f', '#502c14', '#ffc9ae'],
  gray: ['#21353a', '#294147', '#c9d6d4'],
  moss: ['#183521', '#1e4129', '#bfe3c3'],
  green: ['#183521', '#1e4129', '#bfe3c3'],
  brick: ['#44191c', '#521f22', '#f7c6c6'],
  red: ['#44191c', '#521f22', '#f7c6c6'],
};

const tints: Record<string, string> = Object.fromEntries(
  Object.entries(quiet).flatMap(([name, [fill, hover, text]]) => [
    [`--mantine-color-${name}-light`, fill],
    [`--mantine-color-${name}-light-hover`, hover],
    [`--mantine-color-${name}-light-color`, text],
  ]),
);

/** Colours that change with the scheme and that Mantine has no name for. */
export const cssVariables: CSSVariablesResolver = (current) => ({
  variables: {
    '--afar-page-width': '68rem',
    '--afar-header-height': '4rem',
  },
  light: {
    '--mantine-color-body': '#f2f6f5',
    '--mantine-color-text': '#132121',
    '--mantine-color-dimmed': '#526463',
    '--mantine-color-placeholder': '#647675',
    '--mantine-color-anchor': current.colors['lagoon']![7],
    '--mantine-color-error': current.colors['brick']![6],
    '--mantine-color-default-border': '#dbe4e3',
    '--afar-surface': '#ffffff',
    '--afar-surface-sunken': '#e9efee',
    '--afar-line': '#dbe4e3',
    '--afar-focus': '#0b7f89',
    '--afar-accent': current.colors['ember']![7],
    '--afar-accent-wash': current.colors['ember']![0],
    '--afar-primary-wash': current.colors['lagoon']![0],
    '--afar-primary-text': current.colors['lagoon']![7],
    '--afar-good': current.colors['moss']![7],
    '--afar-good-wash': current.colors['moss']![0],
    '--afar-bad': current.colors['brick']![7],
    '--afar-bad-wash': current.colors['brick']![0],
  },
  dark: {
    '--mantine-color-body': '#0a1517',
    '--mantine-color-text': '#e3eeec',
    '--mantine-color-dimmed': '#9db0ae',
    '--mantine-color-placeholder': '#869a98',
    '--mantine-color-anchor': current.colors['lagoon']![3],
    '--mantine-color-error': current.colors['brick']![3],
    '--mantine-color-default': '#122225',
    '--mantine-color-default-hover': '#1b2d30',
    '--mantine-color-default-border': '#26393c',
    ...tints,
    '--afar-surface': '#111f22',
    '--afar-surface-sunken': '#071012',
    '--afar-line': '#22363a',
    '--afar-focus': '#6fd0d6',
    '--afar-accent': current.colors['ember']![3],
    '--afar-accent-wash': '#2c1a12',
    '--afar-primary-wash': '#0f2a2d',
    '--afar-primary-text': current.colors['lagoon']![2],
    '--afar-good': current.colors['moss']![3],
    '--afar-good-wash': '#11261a',
    '--afar-bad': current.colors['brick']![2],
    '--afar-bad-wash': '#2d1416',
  },
});
