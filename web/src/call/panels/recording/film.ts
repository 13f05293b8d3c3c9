/** What is recorded: everybody's picture side by side on one canvas, everybody's voice in one track. */
import type { CallState } from '../../call-session.ts';

interface Source {
  id: string;
  name: string;
  stream: MediaStream;
  video: HTMLVideoElement;
  /** A shared screen: large, and never cut. */
  screen: boolean;
}

const width = 1280;
const height = 720;
/** Ten pictures a second show a face and a movement; the call itself needs the processor more, ms. */
const everyMs = 100;

/** The cells of so many pictures: as square as it goes. */
export function cellsOf(count: number): { x: number; y: number; width: number; height: number }[] {
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / Math.max(columns, 1));
  return Array.from({ length: count }, (_, at) => ({
    x: ((at % columns) * width) / columns,
    y: (Math.floor(at / columns) * height) / rows,
    width: width / columns,
    height: height / rows,
  }));
}

export class Film {
  readonly stream: MediaStream;
  readonly #canvas = document.createElement('canvas');
  readonly #audio = new AudioContext();
  readonly #mixed = this.#audio.createMediaStreamDestination();
  readonly #voices = new Map<string, MediaStreamAudioSourceNode>();
  readonly #timer: ReturnType<typeof setInterval>;
  #sources: Source[] = [];

  /** @param sounds told when the browser lets the sound through, whenever that is */
  constructor(sounds: () => void) {
    this.#audio.addEventListener('statechange', () => {
      if (this.#audio.state === 'running') sounds();
    });
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), everyMs);
    const [picture] = this.#canvas.captureStream(1000 / everyMs).getVideoTracks();
    this.stream = new MediaStream([picture!, ...this.#mixed.stream.getAudioTracks()]);
  }

  /** Lets the sound through; false: the browser wants the page touched first. */
  async sound(): Promise<boolean> {
    if (this.#audio.state === 'running') return true;
    const soon = new Promise<void>((resolve) => setTimeout(resolve, 1_000));
    await Promise.race([this.#audio.resume().catch(() => undefined), soon]);
    return (this.#audio.state as AudioContextState) === 'running';
  }

  /** Who is here now; nothing of somebody whose frames cannot be verified comes this far. */
  show(state: CallState, nameOf: (peer: string) => string, own: string): void {
    const wanted: { id: string; name: string; tracks: MediaStreamTrack[]; screen: boolean }[] = [];
    const add = (id: string, name: string, tracks: (MediaStreamTrack | null)[], screen: boolean) =>
      wanted.push({ id, name, tracks: tracks.filter((one) => one !== null), screen });
    if (state.screen) add('own screen', own, [state.screen], true);
    add('own', own, [state.camera, state.microphoneOn ? state.microphone : null], false);
    for (const person of state.link.people) {
      if (!person.seated || person.hidden) continue;
      if (person.screen)
        add(`${person.peer} screen`, nameOf(person.peer), person.screen.getVideoTracks(), true);
      add(person.peer, nameOf(person.peer), person.stream.getTracks(), false);
    }
    this.#sources = wanted.map((one) => this.#source(one));
    this.#listen(wanted.flatMap(({ tracks }) => tracks.filter(({ kind }) => kind === 'audio')));
  }

  close(): void {
    clearInterval(this.#timer);
    for (const track of this.stream.getTracks()) track.stop();
    for (const { video } of this.#sources) video.srcObject = null;
    void this.#audio.close();
  }

  #source(one: { id: string; name: string; tracks: MediaStreamTrack[]; screen: boolean }): Source {
    const before = this.#sources.find(({ id }) => id === one.id);
    const pictures = one.tracks.filter(
      ({ kind, readyState }) => kind === 'video' && readyState === 'live',
    );
    const same =
      before &&
      before.stream
        .getTracks()
        .map(({ id }) => id)
        .join() === pictures.map(({ id }) => id).join();
    if (same) return { ...before, name: one.name };
    const video = before?.video ?? document.createElement('video');
    const stream = new MediaStream(pictures);
    video.muted = true;
    video.playsInline = true;
    video.srcObject = pictures.length > 0 ? stream : null;
    if (pictures.length > 0) void video.play().catch(() => undefined);
    return { id: one.id, name: one.name, screen: one.screen, stream, video };
  }

  #listen(tracks: readonly MediaStreamTrack[]): void {
    for (const [id, node] of this.#voices)
      if (!tracks.some((track) => track.id === id)) {
        node.disconnect();
        this.#voices.delete(id);
      }
    for (const track of tracks) {
      if (this.#voices.has(track.id) || track.readyState !== 'live') continue;
      const node = this.#audio.createMediaStreamSource(new MediaStream([track]));
      node.connect(this.#mixed);
      this.#voices.set(track.id, node);
    }
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d', { alpha: false });
    if (!context) return;
    context.fillStyle = '#071113';
    context.fillRect(0, 0, width, height);
    const screens = this.#sources.filter(({ screen }) => screen);
    const shown = screens.length > 0 ? screens : this.#sources;
    for (const [at, cell] of cellsOf(shown.length).entries()) {
      const { video, name } = shown[at]!;
      const { videoWidth, videoHeight } = video;
      if (videoWidth > 0 && video.srcObject) {
        const scale = Math.min(cell.width / videoWidth, cell.height / videoHeight);
        const [w, h] = [videoWidth * scale, videoHeight * scale];
        const [x, y] = [cell.x + (cell.width - w) / 2, cell.y + (cell.height - h) / 2];
        context.drawImage(video, x, y, w, h);
      }
      context.font = '600 20px sans-serif';
      context.fillStyle = '#eef6f5';
      context.fillText(name, cell.x + 16, cell.y + cell.height - 16, cell.width - 32);
    }
  }
}
