/**
 * Opens the app afresh at a path inside it. The user's database and queue live as long as the page,
 * so a change of user is a new page.
 */
export function openApp(path?: string): void {
  // Only our own paths: "//elsewhere" would leave the site.
  const inside = path && /^\/(?![/\\])/.test(path) ? path.slice(1) : '';
  location.assign(new URL(inside, document.baseURI));
}
