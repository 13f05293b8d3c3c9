/** A QR code, drawn on a canvas: an image address would hold the secret. */
import { toCanvas } from 'qrcode';
import { useEffect, useRef } from 'react';
import classes from './qr.module.css';

export function Qr({ value, label }: { value: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) void toCanvas(canvas.current, value, { width: 168, margin: 2 });
  }, [value]);
  return <canvas ref={canvas} className={classes.qr} role="img" aria-label={label} />;
}
