/** What messages say, in the languages of the house; nothing clinical in any, and no name. */

export interface Said {
  subject: string;
  text: string;
}

export interface PostWords {
  code(code: string): Said;
  hasAccount(): Said;
  notice(url: string): Said;
  invitation(url: string): Said;
}

const lines = (...all: string[]): string => all.join('\n\n');

const en: PostWords = {
  code: (code) => ({
    subject: 'Your code for Afar',
    text: lines(
      `Your code is ${code}. It is good for 10 minutes.`,
      'Give it to nobody: the clinic never asks for it. If you did not ask for a code, you need do nothing.',
    ),
  }),
  hasAccount: () => ({
    subject: 'You have an account at Afar',
    text: lines(
      'Somebody, perhaps you, asked to register with this address. It has an account already.',
      'Sign in with it, or choose "Forgot your password?" there. If it was not you, you need do nothing.',
    ),
  }),
  notice: (url) => ({
    subject: 'Something waits for you in Afar',
    text: lines('Something waits for you in Afar. Sign in to read it:', url),
  }),
  invitation: (url) => ({
    subject: 'Your account at Afar',
    text: lines(
      'Your clinic invites you to open your own account. You need this link and the code that you were told:',
      url,
      'The link is good for 7 days.',
    ),
  }),
};

const es: PostWords = {
  code: (code) => ({
    subject: 'Su código para Afar',
    text: lines(
      `Su código es ${code}. Vale durante 10 minutos.`,
      'No se lo dé a nadie: la clínica nunca lo pide. Si no ha pedido un código, no tiene que hacer nada.',
    ),
  }),
  hasAccount: () => ({
    subject: 'Ya tiene una cuenta en Afar',
    text: lines(
      'Alguien, quizá usted, ha querido registrarse con esta dirección. Ya tiene una cuenta.',
      'Inicie sesión con ella o elija allí «¿Ha olvidado la contraseña?». Si no ha sido usted, no tiene que hacer nada.',
    ),
  }),
  notice: (url) => ({
    subject: 'Algo le espera en Afar',
    text: lines('Algo le espera en Afar. Inicie sesión para leerlo:', url),
  }),
  invitation: (url) => ({
    subject: 'Su cuenta en Afar',
    text: lines(
      'Su clínica le invita a abrir su propia cuenta. Necesita este enlace y el código que le han dicho:',
      url,
      'El enlace vale durante 7 días.',
    ),
  }),
};

const ar: PostWords = {
  code: (code) => ({
    subject: 'رمزك في Afar',
    text: lines(
      `رمزك هو ${code}. وهو صالح مدة 10 دقائق.`,
      'لا تعطه أحدًا: لا تطلبه العيادة أبدًا. وإن لم تطلب رمزًا فلا حاجة إلى فعل شيء.',
    ),
  }),
  hasAccount: () => ({
    subject: 'لديك حساب في Afar',
    text: lines(
      'طلب أحدهم، وقد يكون أنت، التسجيل بهذا العنوان. وله حساب من قبل.',
      'سجّل الدخول به، أو اختر هناك «نسيت كلمة المرور؟». وإن لم تكن أنت فلا حاجة إلى فعل شيء.',
    ),
  }),
  notice: (url) => ({
    subject: 'شيء ينتظرك في Afar',
    text: lines('شيء ينتظرك في Afar. سجّل الدخول لقراءته:', url),
  }),
  invitation: (url) => ({
    subject: 'حسابك في Afar',
    text: lines(
      'تدعوك عيادتك إلى فتح حسابك الخاص. تحتاج إلى هذا الرابط وإلى الرمز الذي قيل لك:',
      url,
      'الرابط صالح مدة 7 أيام.',
    ),
  }),
};

/** @param locale BCP 47 tag; languages we do not speak get English */
export const wordsOf = (locale: string): PostWords =>
  /^es\b/i.test(locale) ? es : /^ar\b/i.test(locale) ? ar : en;
