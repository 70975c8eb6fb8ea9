/** Text that a person entered, without the control characters that could steer a terminal, and without white space around it. */
export const cleanText = (text: string): string => text.replace(/\p{Cc}/gu, ' ').trim();
