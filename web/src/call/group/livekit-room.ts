/**
 * One room by LiveKit's client. Frames go through our own worker, not through its: its receivers take frames in the clear
 * wherever the server says that a track is not encrypted.
 */
import type { LiveKitAccess } from '@afar/visits/contract';
import {
  ConnectionState,
  type LocalTrack,
  ParticipantEvent,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  Track,
  type VideoQuality,
} from 'livekit-client';
import type { StreamName } from '../frame-cipher.ts';
import type { TransformOptions } from '../frame-messages.ts';
import type { Arrival, LineEvents, Wanted } from '../media-lines.ts';
import type { SendLimits } from '../peer.ts';
import { arrivalsOf } from './arrivals.ts';
import { sources, streamOf, subscriptionOf } from './livekit-choices.ts';
import type { LiveKitOptions } from './livekit-lines.ts';

/** Lines are named over all rooms of a page. */
let rooms = 0;

export class LiveKitRoom {
  readonly #room = new Room({
    // Who is seen how large is decided above, by what we know of the call.
    adaptiveStream: false,
    dynacast: true,
    singlePeerConnection: false,
    publishDefaults: { videoCodec: 'vp8', backupCodec: false, red: false, dtx: true },
    stopLocalTrackOnUnpublish: false,
  });
  readonly #name = `livekit-${++rooms}`;
  readonly #options: LiveKitOptions;
  readonly #events: LineEvents;
  readonly #published = new Map<StreamName, LocalTrack>();
  /** A sender may exist before its publication is known by name: which stream a track is of. */
  readonly #streams = new Map<MediaStreamTrack, StreamName>();
  readonly #arriving = new Map<string, { peer: string; stream: StreamName; track: RemoteTrack }>();
  #limits: SendLimits;
  #wanted: Wanted = { layers: {}, screens: {} };
  #chain: Promise<void> = Promise.resolve();
  restarts = 0;

  constructor(options: LiveKitOptions, events: LineEvents) {
    this.#options = options;
    this.#events = events;
    this.#limits = options.limits;
    this.#room.localParticipant.on(ParticipantEvent.LocalSenderCreated, (sender, track) =>
      this.#sealSender(sender, track.mediaStreamTrack),
    );
    this.#room
      .on(RoomEvent.TrackSubscribed, (track, publication, participant) =>
        this.#arrived(track, publication, participant),
      )
      .on(RoomEvent.TrackUnsubscribed, (_track, publication) => this.#gone(publication.trackSid))
      .on(RoomEvent.TrackPublished, (publication, { identity }) => this.#ask(identity, publication))
      .on(RoomEvent.ConnectionStateChanged, (state) => this.#changed(state));
  }

  async connect({ url, token }: LiveKitAccess): Promise<void> {
    await this.#room.connect(url, token, { autoSubscribe: true });
    this.want(this.#wanted);
  }

  /** One change of a kind after another. */
  publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    this.#chain = this.#chain.catch(() => undefined).then(() => this.#publish(stream, track));
    return this.#chain;
  }

  async #publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    const before = this.#published.get(stream);
    if (before?.mediaStreamTrack === track) return;
    if (before) {
      this.#published.delete(stream);
      this.#streams.delete(before.mediaStreamTrack);
      await this.#room.localParticipant.unpublishTrack(before, false);
    }
    if (!track || this.#options.own.hidden) return;
    this.#streams.set(track, stream);
    const publication = await this.#room.localParticipant.publishTrack(track, {
      source: sources[stream] as Track.Source,
      simulcast: stream === 'video',
      videoEncoding: { maxBitrate: this.#limits.video, maxFramerate: this.#limits.fps },
    });
    if (publication.track) this.#published.set(stream, publication.track);
  }

  async limit(limits: SendLimits): Promise<void> {
    this.#limits = limits;
    const sender = this.#published.get('video')?.sender;
    const parameters = sender?.getParameters();
    const largest = parameters?.encodings.at(-1);
    if (!sender || !parameters || !largest) return;
    largest.maxBitrate = limits.video;
    largest.maxFramerate = limits.fps;
    await sender.setParameters(parameters).catch(() => undefined); // a wish, not a condition
  }

  want(wanted: Wanted): void {
    this.#wanted = wanted;
    for (const participant of this.#room.remoteParticipants.values())
      for (const publication of participant.trackPublications.values())
        this.#ask(participant.identity, publication as RemoteTrackPublication);
  }

  async stats(): Promise<[string, unknown][]> {
    const tracks = [
      ...[...this.#arriving.values()].map(({ track }) => track),
      ...this.#published.values(),
    ];
    const reports = await Promise.all(tracks.map((track) => track.getRTCStatsReport()));
    // Each track's report tells the connection's own statistics again: by their names once.
    return [...new Map(reports.flatMap((report) => [...(report ?? [])] as [string, unknown][]))];
  }

  receivers(): readonly RTCRtpReceiver[] {
    return [...this.#arriving.values()].flatMap(({ track }) => track.receiver ?? []);
  }

  async arrivals(): Promise<Arrival[]> {
    const all = await Promise.all(
      [...this.#arriving.values()].map(async ({ peer, stream, track }) => {
        const report = await track.getRTCStatsReport();
        return report
          ? arrivalsOf(report as Iterable<[string, unknown]>, () => ({ peer, stream }))
          : [];
      }),
    );
    return all.flat();
  }

  close(): void {
    void this.#room.disconnect(false);
    for (const sid of this.#arriving.keys()) this.#gone(sid);
  }

  #sealSender(sender: RTCRtpSender, track: MediaStreamTrack): void {
    const stream = this.#streams.get(track) ?? (track.kind === 'audio' ? 'audio' : 'video');
    sender.transform = new RTCRtpScriptTransform(this.#options.keys.worker, {
      direction: 'send',
      stream,
    } satisfies TransformOptions);
  }

  #arrived(
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    { identity }: RemoteParticipant,
  ): void {
    const stream = streamOf(publication.source);
    if (!stream || !track.receiver) return;
    const line = `${this.#name}-${publication.trackSid}`;
    this.#options.keys.tell({ type: 'line', line, to: { peer: identity, stream } });
    track.receiver.transform = new RTCRtpScriptTransform(this.#options.keys.worker, {
      direction: 'receive',
      line,
    } satisfies TransformOptions);
    this.#arriving.set(publication.trackSid, { peer: identity, stream, track });
    this.#events.track(identity, stream, track.mediaStreamTrack);
  }

  #gone(sid: string): void {
    const was = this.#arriving.get(sid);
    if (!was) return;
    this.#arriving.delete(sid);
    this.#options.keys.tell({ type: 'line', line: `${this.#name}-${sid}`, to: null });
    this.#events.track(was.peer, was.stream, null);
  }

  #ask(peer: string, publication: RemoteTrackPublication): void {
    const stream = streamOf(publication.source);
    if (!stream) return;
    const { enabled, quality } = subscriptionOf(peer, stream, this.#wanted);
    publication.setEnabled(enabled);
    if (stream === 'video') publication.setVideoQuality(quality as VideoQuality);
  }

  #changed(state: ConnectionState): void {
    if (state === ConnectionState.Connected) this.#events.connected(true);
    else if (state === ConnectionState.Disconnected) {
      this.#events.connected(false);
      this.#events.hopeless();
    } else if (state !== ConnectionState.Connecting) {
      this.restarts += 1;
      this.#events.connected(false);
    }
  }
}
