/** The nonce of this page's style elements, given by the server in a meta tag. */

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

// Libraries that add style elements of their own (scroll locking) look for the nonce under this name.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

export const styleNonce = (): string => nonce;
