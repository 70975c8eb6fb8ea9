/** A text in both languages of the console. The command line prints English. */
export interface Words {
  en: string;
  id: string;
}
