// Angular's worker keeps the app itself; this adds the browser's background sync, which wakes open
// windows when the network is back. Data is never cached here: it lives in IndexedDB.
importScripts('./ngsw-worker.js');

self.addEventListener('sync', (event) => {
  if (event.tag !== 'dms-outbox') return;
  event.waitUntil(
    self.clients
      .matchAll({ includeUncontrolled: true, type: 'window' })
      .then((windows) => windows.forEach((client) => client.postMessage({ type: 'dms-sync' }))),
  );
});
