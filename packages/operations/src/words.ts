/** A text in both languages of the console. The command line prints English. */
export interface Words {
  en: string;
  id: string;
}

/** A text that is the same in every language: a name, an id, what another program said. */
export const same = (text: string): Words => ({ en: text, id: text });

/** Several texts as one. */
export const joined = (all: readonly Words[], separator = ' '): Words => ({
  en: all.map(({ en }) => en).join(separator),
  id: all.map(({ id }) => id).join(separator),
});

/** A name and its value, of a list of them under each other. */
export const line = (en: string, id: string, value: Words): Words => ({
  en: `${en.padEnd(12)}${value.en}`,
  id: `${id.padEnd(14)}${value.id}`,
});
