/** The path to go on to, if it is one of our own ("//elsewhere" is not); otherwise home. */
export function insidePath(path: string | undefined): string {
  return path && /^\/(?![/\\])/.test(path) ? path : '/';
}
