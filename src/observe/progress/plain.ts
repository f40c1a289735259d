/**
 * Writes out what would not show, or would move or recolour what is around it: control characters, line breaks, marks of
 * direction. A name cannot leave its line then, nor speak to the terminal.
 */
export function plain(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}
