/** Version of this app, shown to support. */
export const VERSION = '0.1.0';
