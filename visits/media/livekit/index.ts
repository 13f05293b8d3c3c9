/** LiveKit as an engine. Its SDK is loaded where one is configured, and not by every start. */
import type { MediaBackend } from '../port.ts';
import type { LiveKitOptions } from './livekit.ts';

export async function liveKitMedia(options: LiveKitOptions): Promise<MediaBackend> {
  const loaded = await import('./livekit.ts');
  return loaded.liveKitMedia(options);
}
