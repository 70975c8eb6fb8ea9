/** The texts of the console in English. Every other language has the same keys. */
export const en = {
  otherLanguage: 'Bahasa Indonesia',
  product: 'QRIS payment gateway',
  skip: 'Skip to content',
  menu: 'Menu',
  overview: 'Overview',
  queues: 'Queues',
  notDone: 'That did not work',

  signIn: 'Sign in',
  signInLead: 'The console of the people who operate this gateway.',
  signInWith: 'Sign in with your organisation',
  userName: 'User name',
  password: 'Password',
  logOut: 'Log out',
  wrongPassword: 'This name and password do not belong together.',
  lockedOut: 'Too many wrong passwords for this name from this address. Try again in {seconds} s.',
  formTooOld: 'This form was too old. Try again.',
  viewer: 'viewer',
  operator: 'operator',
  approver: 'approver',
  admin: 'admin',
};

/** All texts of the console in one language. A name in braces, such as `{time}`, is replaced by a value when the text is shown. */
export type Texts = Record<keyof typeof en, string>;
