/** Speech recognised on this device: the browser's own engine where it has one, and nothing where a server would listen. */

/** [Web Speech API] Not in the platform's types. */
interface Heard {
  isFinal: boolean;
  0: { transcript: string };
}
interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  processLocally?: boolean;
  start(track?: MediaStreamTrack): void;
  abort(): void;
}
interface Languages {
  langs: string[];
  processLocally: boolean;
}
export interface Recogniser {
  new (): Recognition;
  available?(options: Languages): Promise<string>;
  install?(options: Languages): Promise<boolean>;
}

export type Ability =
  /** Not asked yet. */
  | 'unknown'
  /** No engine here that stays on the device. */
  | 'none'
  /** There is one, and it wants its words for this language first. */
  | 'to-install'
  | 'installing'
  | 'ready';

/** Only the one without a prefix knows what "on the device" means: the other sends what it hears to a server. */
const recogniserHere = (): Recogniser | undefined =>
  (globalThis as { SpeechRecognition?: Recogniser }).SpeechRecognition;

/** What this browser can do for a language without telling anybody. */
export async function abilityFor(lang: string, maker = recogniserHere()): Promise<Ability> {
  if (typeof maker?.available !== 'function' || !('processLocally' in maker.prototype))
    return 'none';
  const said = await maker.available({ langs: [lang], processLocally: true }).catch(() => '');
  if (said === 'available') return 'ready';
  if (said === 'downloading') return 'installing';
  return said === 'downloadable' && maker.install ? 'to-install' : 'none';
}

/** Fetches the engine's words for a language; what is spoken stays here before and after. */
export async function installFor(lang: string, maker = recogniserHere()): Promise<Ability> {
  await maker?.install?.({ langs: [lang], processLocally: true }).catch(() => false);
  return abilityFor(lang, maker);
}

/** Faults after which trying again helps nobody. */
const hopeless = new Set(['not-allowed', 'service-not-allowed', 'language-not-supported']);
const pauseMs = 400;

/**
 * Recognises one's own microphone until the returned function is called.
 * @param said each line as it grows: the same id until it is final
 */
export function recognise(
  lang: string,
  track: MediaStreamTrack,
  said: (line: { id: number; text: string; final: boolean }) => void,
  failed: () => void,
  maker = recogniserHere(),
): () => void {
  let stopped = false;
  let id = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Recognition | undefined;
  const give = (): void => {
    stopped = true;
    failed();
  };
  const begin = (): void => {
    if (stopped || !maker) return;
    const recognition = new maker();
    running = recognition;
    recognition.processLocally = true;
    // A browser that does not take the order is not asked to listen.
    if (recognition.processLocally !== true) return give();
    recognition.lang = lang;
    recognition.continuous = true;
    recognition.interimResults = true;
    recognition.addEventListener('result', (event) => {
      if (stopped) return; // what was still on its way when it was stopped
      const { results, resultIndex } = event as Event & {
        results: ArrayLike<Heard>;
        resultIndex: number;
      };
      for (let at = resultIndex; at < results.length; at++) {
        const one = results[at]!;
        const text = one[0].transcript.trim();
        if (text) said({ id, text, final: one.isFinal });
        if (one.isFinal) id += 1;
      }
    });
    recognition.addEventListener('error', (event) => {
      if (hopeless.has((event as Event & { error?: string }).error ?? '')) give();
    });
    // It ends by itself after a silence.
    recognition.addEventListener('end', () => {
      if (!stopped) timer = setTimeout(begin, pauseMs);
    });
    try {
      recognition.start(track);
    } catch {
      give();
    }
  };
  begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
    running?.abort();
  };
}
