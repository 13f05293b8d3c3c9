/** Ambient types of the build. */
/// <reference types="vite/client" />
/// <reference types="@fontsource-variable/figtree" />
