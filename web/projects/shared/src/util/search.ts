/** Lower case without Vietnamese diacritics, so that "sua tam" finds "Sữa tắm" and "dong" finds "Đồng". */
export function searchKey(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd') // NFD leaves đ whole
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** True when every word of `query` occurs in one of `texts`, case and diacritics ignored. */
export function matches(query: string, ...texts: readonly (string | null | undefined)[]): boolean {
  const words = searchKey(query).split(' ').filter(Boolean);
  if (words.length === 0) return true;
  const haystack = searchKey(texts.filter(Boolean).join(' '));
  return words.every((word) => haystack.includes(word));
}
