/** The one function of `qrcode` that we use; the package ships no types. */
declare module 'qrcode' {
  export function toCanvas(
    canvas: HTMLCanvasElement,
    text: string,
    options?: { width?: number; margin?: number },
  ): Promise<void>;
}
