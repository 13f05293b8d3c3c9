/** What a page does against an SFU through our socket, in the fewest lines: for tests of the server's half. */

interface Arg {
  who: string;
  publish: boolean;
}

/** Runs in the page: publishes a camera in three layers, a voice and a whisper; answers what it is offered. */
export async function sfuPage({ who, publish }: Arg): Promise<void> {
  type Message = {
    type: string;
    link?: 'up' | 'down';
    negotiation?: number;
    sdp?: string;
    candidate?: RTCIceCandidateInit | null;
    streams?: { mid: string; peer: string; kind: string }[];
  };
  const page = window as unknown as {
    toServer(message: unknown): Promise<void>;
    heard(message: Message): void;
    seen(): Promise<Record<string, { frames: number; bytes: number; width: number }>>;
    restart(): Promise<void>;
  };
  let up: RTCPeerConnection | undefined;
  let down: RTCPeerConnection | undefined;
  let negotiation = 0;
  let names: Message['streams'] = [];
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 640, height: 360, frameRate: 15 },
  });

  async function offer(iceRestart = false): Promise<void> {
    negotiation += 1;
    await up!.setLocalDescription(await up!.createOffer({ iceRestart }));
    const kinds = ['audio', 'video', 'whisper'];
    await page.toServer({
      type: 'sfu-publish',
      negotiation,
      sdp: up!.localDescription!.sdp,
      streams: up!.getTransceivers().map(({ mid }, at) => ({ mid, kind: kinds[at] })),
    });
  }

  function begin(): Promise<void> {
    up?.close();
    negotiation = 0;
    up = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    up.onicecandidate = ({ candidate }) =>
      void page.toServer({
        type: 'sfu-candidate',
        link: 'up',
        candidate: candidate?.toJSON() ?? null,
      });
    const [voice] = stream.getAudioTracks();
    up.addTransceiver(voice!, { direction: 'sendonly' });
    up.addTransceiver(stream.getVideoTracks()[0]!, {
      direction: 'sendonly',
      sendEncodings: [
        { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 600_000 },
        { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 200_000 },
        { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 80_000 },
      ],
    });
    if (who === 'interpreter') up.addTransceiver(voice!.clone(), { direction: 'sendonly' });
    return offer();
  }

  function renewDown(): void {
    down?.close();
    names = [];
    down = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    down.onicecandidate = ({ candidate }) =>
      void page.toServer({
        type: 'sfu-candidate',
        link: 'down',
        candidate: candidate?.toJSON() ?? null,
      });
    down.ontrack = ({ track }) => {
      const element = document.createElement(track.kind as 'video');
      element.muted = true;
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
      void element.play();
    };
  }
  renewDown();

  let chain = Promise.resolve();
  page.heard = (message) => {
    chain = chain.then(() => hear(message)).catch(() => undefined);
  };
  async function hear(message: Message): Promise<void> {
    switch (message.type) {
      case 'sfu-published':
        return up!.setRemoteDescription({ type: 'answer', sdp: message.sdp! });
      case 'sfu-offer': {
        names = message.streams;
        await down!.setRemoteDescription({ type: 'offer', sdp: message.sdp! });
        await down!.setLocalDescription(await down!.createAnswer());
        return page.toServer({
          type: 'sfu-answer',
          negotiation: message.negotiation,
          sdp: down!.localDescription!.sdp,
        });
      }
      case 'sfu-candidate':
        return (message.link === 'up' ? up : down)!.addIceCandidate(message.candidate ?? undefined);
      case 'sfu-restart':
        if (message.link === 'down') return renewDown();
        if (publish) return begin();
    }
  }
  page.restart = () => offer(true);
  page.seen = async () => {
    const seen: Awaited<ReturnType<typeof page.seen>> = {};
    for (const report of (await down!.getStats()).values()) {
      if (report.type !== 'inbound-rtp') continue;
      const name = names?.find(({ mid }) => mid === report.mid);
      if (name)
        seen[`${name.peer} ${name.kind}`] = {
          frames: report.framesDecoded ?? 0,
          bytes: report.bytesReceived,
          width: report.frameWidth ?? 0,
        };
    }
    return seen;
  };
  if (publish) await begin();
}
