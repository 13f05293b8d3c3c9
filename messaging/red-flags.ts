/** Words of an emergency in a message: they stop it once, so that she learns to call. Not a diagnosis: it misses, and it cries wolf. */

/**
 * Chest pain, breath, stroke (FAST), bleeding, suicide, overdose, anaphylaxis, a baby that does not move: what an intake asks
 * first (visits/intake), as people write it. What repeats has an end: one open `\w+` before another made a message take three seconds.
 */
const words: readonly RegExp[] = [
  /\bchest\s+(pain|pressure|tight)|\b(pain|pressure|tightness)\s+in\s+(my|the|his|her)\s+chest\b|\bheart\s+attack\b/,
  /\b(can'?t|cannot|can not|hard to|trouble|difficulty)\s+breath|\bshort(ness)?\s+of\s+breath|\bsuffocat|\bchok(e|ing)\b/,
  /\bstroke\b|\bface\s+(is\s+)?(droop|numb)|\bslurred?\s+speech|\bcan'?t\s+(speak|move)\b|\bparaly[sz]ed\b/,
  /\b(bleeding|blood)\b.{0,30}\b(won'?t|not|doesn'?t)\s+stop|\bheavy\s+bleeding|\bvomit\w{0,12}\s+blood|\bcoughing\s+(up\s+)?blood/,
  /\bsuicid|\bkill(ing)?\s+(myself|himself|herself)|\bend\s+my\s+life|\bwant\s+to\s+die|\bhurt(ing)?\s+myself|\bself[- ]harm/,
  /\boverdos|\btook\s+too\s+many\s+(pills|tablets)|\bpoison/,
  /\b(throat|tongue|lips)\s+(is\s+|are\s+)?swell|\banaphyla|\bunconscious|\bpassed\s+out\b|\bfainted\b|\bseizure|\bconvulsi/,
  /\bbaby\s+(is\s+)?(not|isn'?t|has\s+not|hasn'?t|stopped)\s+mov/,
  // Spanish
  /dolor\s+(de|en\s+el)\s+pecho|opresion\s+en\s+el\s+pecho|infarto|ataque\s+al\s+corazon/,
  /no\s+puedo\s+respirar|me\s+falta\s+(el\s+)?aire|dificultad\s+(para|al)\s+respirar|me\s+(ahogo|asfixio)|falta\s+de\s+aire/,
  /derrame\s+cerebral|\bictus\b|cara\s+(caida|torcida|dormida)|no\s+puedo\s+(hablar|mover)|paraliz/,
  /sangr\w{1,12}.{0,30}no\s+(para|se\s+detiene|deja)|hemorragia|vomit\w{1,12}\s+(con\s+)?sangre|tos\w{0,12}\s+(con\s+)?sangre/,
  /suicid|matarme|quitarme\s+la\s+vida|quiero\s+morir|hacerme\s+dano|no\s+quiero\s+vivir/,
  /sobredosis|demasiadas\s+pastillas|envenen|intoxic/,
  /(garganta|lengua|labios)\s+hinchad|anafila|inconsciente|desmay|convulsi/,
  // Arabic
  /(الم|ضغط)\s+(في\s+)?(ال)?صدر|نوبة\s+قلبية|جلطة/,
  /(لا|ما)\s+(استطيع|اقدر)\s+(ان\s+)?(اتنفس|التنفس)|ضيق\s+(في\s+)?(ال)?(تنفس|نفس)|صعوبة\s+في\s+التنفس|اختناق/,
  /سكتة|تدلي\s+الوجه|لا\s+استطيع\s+الكلام|شلل/,
  /نزيف|اتقيا\s+دم|سعال\s+دم/,
  /انتحار|انتحر|اقتل\s+نفسي|انهي\s+حياتي|اريد\s+ان\s+اموت|ايذاء\s+نفسي/,
  /جرعة\s+زائدة|تسمم|تشنج|فقدت?\s+(ال)?وعي|اغماء/,
];

/** Lower case, without accents and vowel signs, quotation marks alike. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[أإآٱ]/g, 'ا')
    .replaceAll('ى', 'ي')
    .replaceAll(/[‘’ʼ`´]/g, "'")
    .replaceAll(/\s+/g, ' ');

/** Whether a text holds words of an emergency, in English, Spanish or Arabic. Linear in its length. */
export function hasRedFlag(text: string): boolean {
  const searched = plain(text);
  return words.some((one) => one.test(searched));
}
