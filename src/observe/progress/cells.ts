/**
 * How many cells of a terminal a text takes, at most: where terminals differ (flags, joined emoji) the larger number, so that
 * a line that is cut by it never goes on into the next. Expects no control characters.
 */
export function cells(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let sum = 0;
  for (const char of text) sum += cellsOf(char);
  return sum;
}

function cellsOf(char: string): number {
  // It makes the character before it an emoji, of two cells.
  if (char === '\u{FE0F}') return 1;
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** The blocks of wide and full-width characters of Unicode's East Asian Width, and what is shown as an emoji by itself. */
const WIDE =
  /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]/u;
