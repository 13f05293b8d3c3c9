/** A JPEG as a phone writes it, for tests: with everything beside the picture that must not reach a chart. */

export function segment(code: number, body: string | Buffer): Buffer {
  const content = Buffer.from(body as string, 'latin1');
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

export function jpegOf(width: number, height: number): Buffer {
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 1);
  frame.writeUInt16BE(width, 3);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, 'JFIF\0\x01\x02'),
    segment(0xe1, 'Exif\0\0GPSLatitude 52.1; Pixel 9'),
    segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>'),
    segment(0xe2, 'ICC_PROFILE\0\x01\x01profile'),
    segment(0xfe, 'my comment'),
    segment(0xdb, Buffer.alloc(65, 1)),
    Buffer.from([0xff]), // a fill byte
    segment(0xc0, frame),
    segment(0xc4, Buffer.alloc(20, 1)),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]),
    Buffer.from([0xff, 0xd9]),
  ]);
}
