/** What the web app and the messaging routes say to each other over HTTP: types only, no code. */
export type Instant = string;
